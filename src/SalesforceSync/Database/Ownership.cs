namespace SalesforceSync.Database;

/// <summary>
/// The right to write an org: every transaction that does so checks it against the org's row. A take-over raises the epoch and draws a new token,
/// so that a process that was paused past its lease finds neither.
/// </summary>
internal sealed record Ownership(string Org, long Epoch, Guid Owner);

/// <summary>A guarded statement moved no row: another process owns the org now. Nothing was written; stop and stand by.</summary>
internal sealed class OwnershipLostException(Ownership ownership, string where)
    : Exception($"{ownership.Org}: {where} is no longer ours (epoch {ownership.Epoch}): another worker took over; standing by");
