namespace SalesforceSync.Apply;

/// <summary>What one call wrote.</summary>
/// <param name="Rows">Records written or removed; a record counts once however many events it had.</param>
/// <param name="Repairs">In the order they were found, none twice.</param>
internal sealed record WriteOutcome(int Rows, IReadOnlyList<RepairRequest> Repairs);
