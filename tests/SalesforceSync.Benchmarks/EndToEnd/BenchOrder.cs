using System.Globalization;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">Each contestant runs once per round; a round before the first warms both up and is not counted.</param>
/// <param name="Events">Updates per round for the worker.</param>
/// <param name="PeerEvents">Updates per round for the peer, which takes longer for each.</param>
/// <param name="LiveSeconds">How long events come at <see cref="LiveRate"/> a second; 0 leaves it out.</param>
internal sealed record BenchOrder(int Rounds, int Events, int PeerEvents, int LiveSeconds)
{
    /// <summary>Events per second while live.</summary>
    public const int LiveRate = 200;

    public const string Usage = "end-to-end [--rounds 1..20] [--events 1000..50000] [--peer-events 500..50000] [--live-seconds 0..600]";

    /// <returns>Null for what cannot be understood.</returns>
    public static BenchOrder? Parse(IReadOnlyList<string> args)
    {
        var order = new BenchOrder(3, 30_000, 5_000, 20);
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count || !int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                return null;
            var changed = (args[i], value) switch
            {
                ("--rounds", >= 1 and <= 20) => order with { Rounds = value },
                ("--events", >= 1_000 and <= 50_000) => order with { Events = value },
                ("--peer-events", >= 500 and <= 50_000) => order with { PeerEvents = value },
                ("--live-seconds", >= 0 and <= 600) => order with { LiveSeconds = value },
                _ => null,
            };
            if (changed is null)
                return null;
            order = changed;
        }
        return order;
    }
}
