using System.Text.Json;

namespace SalesforceSync.Cli.Demo;

/// <summary>Which transactions the worker says it could not apply whole, and why. A commit that was tried twice says it twice: a key counts once.</summary>
internal static class TornLog
{
    private const string Torn = "was not applied whole";

    /// <summary>As <c>ApplyCommit</c> words it.</summary>
    private const string Loss = "the position of the stream was lost in the middle of it";

    /// <returns>How many are torn for another reason than that the position of their stream was lost.</returns>
    public static long Otherwise(string file)
    {
        if (!File.Exists(file))
            return 0;
        var torn = File.ReadLines(file).Where(line => line.Contains(Torn, StringComparison.Ordinal)).Select(Read).OfType<(string Key, string Reason)>().ToList();
        // What comes of such a transaction after it was cut comes late, for the same cause.
        return torn.Select(line => line.Key).Except(torn.Where(line => line.Reason == Loss).Select(line => line.Key)).LongCount();
    }

    private static (string Key, string Reason)? Read(string line)
    {
        try
        {
            var said = JsonSerializer.Deserialize<JsonElement>(line).GetProperty("Properties");
            return (said.GetProperty("TransactionKey").GetString() ?? "", said.GetProperty("Reason").GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Half a line, of a worker that was killed while it wrote.
            return null;
        }
    }
}
