namespace SalesforceSync.Apply;

internal enum ReadKind
{
    Snapshot,
    Repair,
    Fill,
    Sweep,
    Refresh,
}

internal enum ReadState
{
    /// <summary>Asked for; nothing is read yet and nothing noted.</summary>
    Waiting,

    /// <summary>Its anchor is taken: what changes from now on is noted.</summary>
    Reading,

    /// <summary>Everything is read at Salesforce; rows are merged once apply is past <see cref="Read.EndEvent"/>.</summary>
    Merging,
    Done,
    Failed,
}

/// <summary>A reading that is wanted.</summary>
/// <param name="Proves">It is to show everything there is of the object, absences too: gaps of the object close with it.</param>
internal sealed record ReadRequest(
    string Object, string Channel, ReadKind Kind, string Reason, bool Proves = false, DateTimeOffset? Since = null, string? Condition = null);

/// <summary>A row of <c>salesforce_sync.read</c>.</summary>
internal sealed record Read(
    long Id, string Object, string Channel, ReadKind Kind, string Reason, ReadState State, bool Proves, DateTimeOffset? Since, string? Condition,
    IReadOnlyList<string> Fields, long? Anchor, DateTimeOffset? BeganAt, long? EndEvent, string? JobId, string? Locator, long PageRows, long? RowsExpected,
    long RowsMerged, int Tries)
{
    /// <summary>Why what was read so far does not count any more, when it was listed; null while it does.</summary>
    public string? Overtaken { get; init; }
}
