namespace SalesforceSync.Repair;

/// <summary>When what is to be repaired is fetched: soon, but together, and the later the less is left of the month's calls (rule E11). Pure.</summary>
internal static class RepairDelay
{
    /// <summary>Records that fill a call; so many are fetched at once.</summary>
    public const int FullCall = 2_000;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(4);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    /// <summary>How long gaps are collected before they are fetched together.</summary>
    /// <param name="usual">While there is plenty of calls.</param>
    /// <param name="left">The part of the month's calls that is left, 0 to 1.</param>
    public static TimeSpan Collecting(TimeSpan usual, double left) => left switch
    {
        > 0.5 => usual,
        > 0.3 => Least(usual * 10, Longest),
        > 0.1 => Least(usual * 100, Longest),
        _ => usual == TimeSpan.Zero ? usual : Longest,
    };

    /// <summary>How long to wait before what failed is tried again.</summary>
    /// <param name="tries">How often it was tried before.</param>
    public static TimeSpan Pause(int tries) => Least(FirstPause * Math.Pow(2, Math.Min(tries, 16)), LongestPause);

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
