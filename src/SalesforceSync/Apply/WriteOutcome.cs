using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>What one call wrote.</summary>
/// <param name="Rows">Records written or removed; a record counts once however many events it had.</param>
/// <param name="Repairs">In the order they were found, none twice.</param>
/// <param name="Unfit">Text differences that could not be applied, in the order they came; later writes of the same text took others back.</param>
internal sealed record WriteOutcome(int Rows, IReadOnlyList<RepairRequest> Repairs, IReadOnlyList<UnfitDiff> Unfit)
{
    private readonly TextDiffs _diffs = new();
    private readonly ChangeFold _fold = new();

    public WriteOutcome(int rows, ChangeFold fold, TextDiffs diffs)
        : this(rows, fold.Repairs, [.. fold.Tables.SelectMany(t => t.Records).Where(r => r.HasUnfit).SelectMany(r => r.Unfit)]) => (_fold, _diffs) = (fold, diffs);

    /// <summary>Whether a text difference was applied, so that its column counts as written.</summary>
    public bool IsApplied(NumberedChange change, string recordId, FieldWrite write) => _diffs.IsApplied(change, recordId, write);

    /// <summary>The records written, by object.</summary>
    public IEnumerable<(string Object, string RecordId)> Written => _fold.Tables.SelectMany(t => t.Records.Select(r => (t.Table.Object, r.Id)));

    /// <summary>Whether a column of a record was written whole.</summary>
    public bool Wrote(string objectName, string recordId, string column) => _fold.Tables.Any(t =>
        t.Table.Object == objectName && t.Find(recordId) is { } record && t.Table.Column(column) is { } known && record.Columns.Contains(known.Index));
}
