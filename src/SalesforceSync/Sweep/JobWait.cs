namespace SalesforceSync.Sweep;

/// <summary>When a Bulk job is asked for its results: late enough that the first time is most often the last, for every question is a call.</summary>
internal static class JobWait
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <param name="rows">Records it reads, as far as known.</param>
    /// <param name="patient">Nobody waits for it.</param>
    /// <param name="asked">How often it was not complete yet.</param>
    public static TimeSpan Of(long? rows, bool patient, int asked)
    {
        var first = patient ? TimeSpan.FromSeconds(30 + ((rows ?? 50_000) / 5_000.0)) : TimeSpan.FromSeconds(3 + ((rows ?? 20_000) / 20_000.0));
        var wait = first * Math.Pow(2, Math.Min(asked, 8));
        return wait < Longest ? wait : Longest;
    }
}
