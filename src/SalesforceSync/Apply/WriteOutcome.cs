namespace SalesforceSync.Apply;

/// <summary>What one call wrote.</summary>
/// <param name="Rows">Records written or removed; a record counts once however many events it had.</param>
/// <param name="Repairs">In the order they were found, none twice.</param>
/// <param name="Drifts">What changes of schemas leave to be done in the same transaction.</param>
/// <param name="Substituted">Records with a text Postgres cannot hold as it came.</param>
/// <param name="Diffs">What became of text differences.</param>
internal sealed record WriteOutcome(
    int Rows, IReadOnlyList<RepairRequest> Repairs, IReadOnlyList<SchemaDrift> Drifts, IReadOnlyCollection<(string Object, string RecordId)> Substituted, TextDiffs Diffs);
