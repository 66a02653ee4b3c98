namespace SalesforceSync;

/// <summary>What an org is doing, in the words of the status document.</summary>
internal enum OrgState
{
    Starting,
    Snapshotting,
    CatchingUp,
    Streaming,
    Repairing,
    Paused,
    Standby,
    Degraded,
    Failed,
}

internal static class OrgStates
{
    /// <summary>The state's name in the status document and in the database.</summary>
    public static string Name(this OrgState state) => state == OrgState.CatchingUp ? "catching_up" : state.ToString().ToLowerInvariant();
}
