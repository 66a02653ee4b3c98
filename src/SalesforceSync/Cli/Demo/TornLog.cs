using System.Text.Json;

namespace SalesforceSync.Cli.Demo;

/// <summary>Which transactions the worker says it could not apply whole because the position of its stream was lost in the middle of them.</summary>
internal static class TornLog
{
    /// <summary>As <c>ApplyCommit</c> words it.</summary>
    private const string Cause = "the position of the stream was lost in the middle of it";

    /// <returns>How many; a commit tried twice says it twice and counts once.</returns>
    public static long ByLoss(string file) => File.Exists(file) ? File.ReadLines(file).Where(line => line.Contains(Cause, StringComparison.Ordinal)).Select(Key).Distinct().LongCount() : 0;

    private static string? Key(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(line).GetProperty("Properties").GetProperty("TransactionKey").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Half a line, of a worker that was killed while it wrote.
            return null;
        }
    }
}
