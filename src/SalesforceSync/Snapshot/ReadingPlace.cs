using System.Globalization;

namespace SalesforceSync.Snapshot;

/// <summary>
/// Where the merging of a reading stands, as <c>read.locator</c> holds it: a page of one of its jobs, or the last record of a keyset. Which rows of the page
/// are merged stands beside it in <c>read.page_rows</c>.
/// </summary>
/// <param name="Job">Index of the job; a wide object is read by several.</param>
/// <param name="Locator">Salesforce's locator of the page; null for the first.</param>
/// <param name="Record">The last record merged, where pages are by keyset.</param>
internal sealed record ReadingPlace(int Job, string? Locator, KeysetPlace? Record = null)
{
    private const string EndText = "end";
    private const string JudgedText = "judged";

    public static ReadingPlace Start { get; } = new(0, null);

    /// <summary>Every page of every job is merged.</summary>
    public static ReadingPlace End { get; } = new(int.MaxValue, null);

    /// <summary>What was not among the rows is judged too: nothing is left but to close.</summary>
    public static ReadingPlace Judged { get; } = new(int.MaxValue, JudgedText);

    public bool IsEnd => Job == int.MaxValue;

    public bool IsJudged => IsEnd && Locator is not null;

    public static ReadingPlace Parse(string? text)
    {
        if (text is null) return Start;
        if (text == EndText) return End;
        if (text == JudgedText) return Judged;
        if (text.StartsWith("after:", StringComparison.Ordinal) && text.Split(':', 3) is [_, var ticks, var id])
        {
            DateTimeOffset? stamp = ticks.Length == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(ticks, CultureInfo.InvariantCulture));
            return new(0, null, new(stamp, id));
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return new(int.Parse(text.AsSpan(0, colon), CultureInfo.InvariantCulture), colon + 1 < text.Length ? text[(colon + 1)..] : null);
    }

    public override string ToString() => this switch
    {
        { IsEnd: true } => Locator ?? EndText,
        { Record: { } record } => string.Create(CultureInfo.InvariantCulture, $"after:{record.Stamp?.ToUnixTimeMilliseconds()}:{record.Id}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Job}:{Locator}"),
    };
}
