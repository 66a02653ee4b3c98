namespace SalesforceSync.Simulator.Comparison;

/// <summary>How a replica is expected to treat what was deleted.</summary>
public enum DeletedRows
{
    /// <summary>The row stays with its values and <c>_sync_deleted</c> set.</summary>
    Soft,

    /// <summary>The row is gone.</summary>
    Hard
}

/// <summary>
/// What to compare. The origin (<c>_sync_transaction_key</c>, <c>_sync_sequence</c>) is compared of rows that an event wrote last; one that was read has no key.
/// </summary>
public sealed record ComparisonRules
{
    public DeletedRows Deleted { get; init; } = DeletedRows.Soft;

    /// <summary>Compare records, too, for which a gap event stood: right only where gaps are repaired by reading the org.</summary>
    public bool IncludeDirty { get; init; }

    /// <summary>
    /// The replica repairs by reading the org what the stream does not tell: all records are compared, dirty ones too; of deleted records only that
    /// they are; rows that are incomplete differ.
    /// </summary>
    public bool Repaired { get; init; }

    /// <summary>Compare calculated fields: right only where they are refreshed, and right after that.</summary>
    public bool Formulas { get; init; }

    /// <summary>The replica's name for the org, under which it records the columns of fields that became others; null for columns by name alone.</summary>
    public string? Org { get; init; }

    /// <summary>How many differences are described; all are counted.</summary>
    public int DescribeAtMost { get; init; } = 20;
}

/// <summary>One thing in which a replica is not the org.</summary>
/// <param name="Field">REST name; <c>(row)</c> for a missing or extra row, <c>(column)</c> is said of a missing column in <paramref name="Found"/>.</param>
public sealed record Difference(string ObjectName, string Id, string Field, string? Expected, string? Found);

/// <summary>The outcome of comparing a replica with the truth.</summary>
/// <param name="Objects">Objects that have records.</param>
/// <param name="Records">Records compared, deleted ones included.</param>
/// <param name="Fields">Single values compared.</param>
/// <param name="DifferenceCount">All that differs.</param>
/// <param name="Differences">The first of them.</param>
/// <param name="Dirty">Records left out because only a repair can make them right.</param>
/// <param name="Incomplete">Rows of compared records that the replica itself calls incomplete.</param>
public sealed record ComparisonResult(
    int Objects, long Records, long Fields, long DifferenceCount, IReadOnlyList<Difference> Differences, long Dirty, long Incomplete)
{
    public bool Equal => DifferenceCount == 0;

    /// <summary>Under <see cref="ComparisonRules.Repaired"/>: deleted records without a row, which nobody need ever have seen.</summary>
    public long MissingTombstones { get; init; }
}
