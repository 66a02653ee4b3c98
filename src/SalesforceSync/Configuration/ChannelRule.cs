using System.Text.RegularExpressions;

namespace SalesforceSync.Configuration;

/// <summary>Which channels may stand together: an object that came over two of them would be applied twice, in two orders.</summary>
internal static partial class ChannelRule
{
    private const string AllChanges = "/data/ChangeEvents";

    /// <summary>The faults of a list of channels, each with its index. What members a custom channel has cannot be seen from here.</summary>
    public static IEnumerable<(int Index, string Remedy)> Faults(IReadOnlyList<string> channels)
    {
        var carriesAll = channels.Contains(AllChanges, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < channels.Count; i++)
        {
            if (!Legal().IsMatch(channels[i]))
                yield return (i, "give a channel such as /data/ChangeEvents, /data/AccountChangeEvent, /data/Sales__chn or /event/Order__e");
            else if (channels.Take(i).Contains(channels[i], StringComparer.OrdinalIgnoreCase))
                yield return (i, "stands in the list twice; remove one");
            else if (carriesAll && IsOneObject(channels[i]))
                yield return (i, $"its object comes over {AllChanges} already; an object belongs to exactly one channel, remove one of the two");
        }
    }

    private static bool IsOneObject(string channel) =>
        channel.StartsWith("/data/", StringComparison.OrdinalIgnoreCase) && channel.EndsWith("ChangeEvent", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^/(data|event)/[A-Za-z][A-Za-z0-9_]*$")]
    private static partial Regex Legal();
}
