namespace SalesforceSync;

/// <summary>What the control tables say of an org's state.</summary>
/// <param name="Gaps">Open gaps of the coverage.</param>
/// <param name="GapsInWork">Of them, gaps of objects that are being read whole, or soon will be.</param>
/// <param name="HasRepairs">Repairs are open.</param>
/// <param name="Failed">Repairs that were given up.</param>
/// <param name="FirstSnapshots">Objects whose first snapshot is under way.</param>
/// <param name="Frozen">Objects of which Salesforce shows less than it did, with the reason.</param>
/// <param name="Paused">Objects that wait for a person's word.</param>
internal sealed record OrgFacts(
    long Gaps, long GapsInWork, bool HasRepairs, long Failed, long FirstSnapshots, IReadOnlyList<string> Frozen, IReadOnlyList<string> Paused)
{
    public static OrgFacts None { get; } = new(0, 0, false, 0, 0, [], []);

    /// <summary>The one place where a state is decided. A person is called for what mends itself by nobody; a gap that is being closed is work.</summary>
    /// <param name="halted">Why channels are not applied any more.</param>
    /// <param name="troubles">What channels have to say.</param>
    /// <param name="isPastDeadline">A stream is silent for longer than it may be.</param>
    /// <param name="isCurrent">Every channel listens, and what was received is applied.</param>
    public (OrgState State, List<string> Reasons) Draw(
        IReadOnlyList<string> halted, IReadOnlyList<string> troubles, bool isPastDeadline, bool isCurrent)
    {
        if (halted.Count > 0)
            return (OrgState.Failed, [.. halted]);
        List<string> reasons = [.. Frozen, .. Paused];
        if (Failed > 0)
            reasons.Add($"{Failed} repairs were given up: see salesforce_sync.known_gaps");
        var idleGaps = Gaps > GapsInWork;
        if (Gaps > 0)
            reasons.Add($"{Gaps} gaps are open{(idleGaps ? "" : " and being closed")}: see salesforce_sync.known_gaps");
        reasons.AddRange(troubles);
        if (Frozen.Count > 0 || Paused.Count > 0 || Failed > 0 || idleGaps || isPastDeadline)
            return (OrgState.Degraded, reasons);
        if (FirstSnapshots > 0)
            return (OrgState.Snapshotting, reasons);
        if (Gaps > 0)
            return (OrgState.Repairing, reasons);
        if (!isCurrent)
            return (OrgState.CatchingUp, reasons);
        return (HasRepairs ? OrgState.Repairing : OrgState.Streaming, reasons);
    }
}
