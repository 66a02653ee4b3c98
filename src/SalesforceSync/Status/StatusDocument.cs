using System.Text.Json.Serialization;

namespace SalesforceSync.Status;

/// <summary>What <c>status --json</c> prints, in this order and with these names.</summary>
internal sealed record StatusDocument(IReadOnlyList<OrgStatus> Orgs);

/// <param name="OrgId">18 characters; null before the first sign-in.</param>
/// <param name="State">A name of <see cref="OrgState"/>.</param>
/// <param name="CallsThisMonth">API calls booked since the first of the month, UTC.</param>
/// <param name="Reason">Why the org is in this state, where there is something to say.</param>
/// <param name="KnownGaps">What is known to be missing or in doubt: a row of <c>salesforce_sync.known_gaps</c> each.</param>
/// <param name="CallsByClass">What the calls of this month were for.</param>
internal sealed record OrgStatus(
    string Name, string? OrgId, string State, IReadOnlyList<ChannelStatus> Channels, long OpenGaps, long OpenRepairs, long Quarantined, long TornTransactions,
    long CallsThisMonth, string? Reason, IReadOnlyList<ObjectStatus> Objects, IReadOnlyList<KnownGap> KnownGaps, IReadOnlyDictionary<string, long> CallsByClass)
{
    [JsonIgnore]
    public bool NeedsAttention => State == OrgState.Degraded.Name() || State == OrgState.Failed.Name();
}

/// <param name="ReceivedReplayId">Of the last event stored, hexadecimal; null before the first.</param>
/// <param name="AppliedReplayId">Of the last event applied.</param>
/// <param name="LagSeconds">Salesforce time between the last event stored and the last applied; 0 when they are the same; null before anything is applied.</param>
/// <param name="SilentSeconds">Since the stream last said anything; null when it never did.</param>
internal sealed record ChannelStatus(string Channel, string? ReceivedReplayId, string? AppliedReplayId, double? LagSeconds, double? SilentSeconds);

/// <param name="RowsHere">Live rows when the last sweep compared.</param>
/// <param name="RowsThere">Live records Salesforce had when it was last read whole.</param>
/// <param name="ProvenAt">Salesforce's time up to which the table was last shown to be equal; null: never.</param>
/// <param name="FormulasAt">When calculated fields were last read; null: they are not.</param>
/// <param name="Reading">What is being read of it, or null.</param>
/// <param name="Differing">Rows and records that the last comparison found to differ, all of which it repaired or handed to repair; null: never compared.</param>
internal sealed record ObjectStatus(
    string Object, string Channel, string State, string? Reason, long? RowsHere, long? RowsThere, DateTime? SnapshotAt, DateTime? ProvenAt, DateTime? SweptAt,
    DateTime? FormulasAt, string? Reading, long? Differing);

/// <param name="What"><c>gap</c>, <c>repair</c>, <c>failed</c>, <c>quarantine</c>, <c>frozen</c>, <c>paused</c> or <c>kept_back</c>.</param>
/// <param name="Since">What may be missing begins here.</param>
/// <param name="Records">How many records, where they are known one by one.</param>
/// <param name="Doing">What is being done about it.</param>
internal sealed record KnownGap(
    string? Object, string What, string? Reason, DateTime? Since, DateTime? Until, double? AgeSeconds, long? Records, string Doing, int? Tries, DateTime? NextAt,
    DateTime? ProvenAt);
