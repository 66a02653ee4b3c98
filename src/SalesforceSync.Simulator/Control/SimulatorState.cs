using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator.Control;

/// <summary>What a running simulator has done and been asked.</summary>
/// <param name="Transactions">Transactions committed.</param>
/// <param name="Events">Change events published.</param>
/// <param name="LastReplayId">Of the channel of all changes, in hex; the position a complete replica has reached or passed.</param>
/// <param name="TokenCalls">Requests to the token endpoint.</param>
/// <param name="RestCalls">REST requests, which count against the org's API allowance.</param>
/// <param name="OpenSubscriptions">Streams open now.</param>
/// <param name="MostOpenSubscriptions">The most that were open at once: more than one per channel is a leak.</param>
/// <param name="Delivered">Events delivered, every stream counted.</param>
/// <param name="OverRequests">Fetch requests beyond 100 outstanding.</param>
/// <param name="FaultsFired">How often each kind of fault has struck.</param>
public sealed record SimulatorState(
    long Transactions,
    long Events,
    string LastReplayId,
    long TokenCalls,
    long RestCalls,
    long SchemaCalls,
    long TopicCalls,
    long Subscribes,
    long OpenSubscriptions,
    long MostOpenSubscriptions,
    long Delivered,
    long OverRequests,
    IReadOnlyDictionary<FaultKind, long> FaultsFired,
    WorkloadStatus Workload)
{
    /// <summary>REST requests by what they were for.</summary>
    public IReadOnlyDictionary<CallKind, long> RestByKind { get; init; } = new Dictionary<CallKind, long>();

    /// <summary>Events of what has happened that are still on their way to the bus: while there are any, the last replay id is not the last.</summary>
    public long Waiting { get; init; }

    /// <summary>How far the org's time is ahead of the machine's.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>What the org did that makes copying it hard, and how often.</summary>
    public IReadOnlyDictionary<OrgAct, long> Acts { get; init; } = new Dictionary<OrgAct, long>();
}

/// <summary>A transaction as the org committed it; a replica that shows one of its changes shows all.</summary>
/// <param name="Key">The transaction key of its events.</param>
/// <param name="Events">How many events carry the key.</param>
/// <param name="Changes">How many records those events name, each time counted.</param>
/// <param name="Records">How many different records.</param>
/// <param name="LastReplayId">Of its last event, in hex.</param>
public sealed record TransactionStamp(string Key, int Events, int Changes, int Records, string LastReplayId);

/// <summary>When an event came onto the bus.</summary>
/// <param name="ReplayId">In hex.</param>
/// <param name="At">Milliseconds since 1970, with fractions.</param>
public sealed record CommitStamp(string ReplayId, double At);
