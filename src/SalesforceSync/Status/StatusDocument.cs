using System.Text.Json.Serialization;

namespace SalesforceSync.Status;

/// <summary>What <c>status --json</c> prints, in this order and with these names.</summary>
internal sealed record StatusDocument(IReadOnlyList<OrgStatus> Orgs);

/// <param name="OrgId">18 characters; null before the first sign-in.</param>
/// <param name="State">A name of <see cref="OrgState"/>.</param>
/// <param name="CallsThisMonth">API calls booked since the first of the month, UTC.</param>
internal sealed record OrgStatus(
    string Name, string? OrgId, string State, IReadOnlyList<ChannelStatus> Channels, long OpenGaps, long OpenRepairs, long Quarantined, long TornTransactions,
    long CallsThisMonth)
{
    [JsonIgnore]
    public bool NeedsAttention => State == OrgState.Degraded.Name() || State == OrgState.Failed.Name();
}

/// <param name="ReceivedReplayId">Of the last event stored, hexadecimal; null before the first.</param>
/// <param name="AppliedReplayId">Of the last event applied.</param>
/// <param name="LagSeconds">Salesforce time between the last event stored and the last applied; 0 when they are the same; null before anything is applied.</param>
/// <param name="SilentSeconds">Since the stream last said anything; null when it never did.</param>
internal sealed record ChannelStatus(string Channel, string? ReceivedReplayId, string? AppliedReplayId, double? LagSeconds, double? SilentSeconds);
