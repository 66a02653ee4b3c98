namespace SalesforceSync;

/// <summary>Where an org stands.</summary>
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

/// <summary>The words of <see cref="OrgState"/> in Postgres, in documents and on screens.</summary>
internal static class OrgStateWords
{
    private static readonly (OrgState State, string Word)[] Words =
    [
        (OrgState.Starting, "starting"), (OrgState.Snapshotting, "snapshotting"), (OrgState.CatchingUp, "catching_up"), (OrgState.Streaming, "streaming"),
        (OrgState.Repairing, "repairing"), (OrgState.Paused, "paused"), (OrgState.Standby, "standby"), (OrgState.Degraded, "degraded"), (OrgState.Failed, "failed"),
    ];

    public static string Name(this OrgState state) => Words.First(w => w.State == state).Word;

    /// <summary>Null for a word this program does not know.</summary>
    public static OrgState? Parse(string word) => Words.Where(w => w.Word == word).Select(w => (OrgState?)w.State).FirstOrDefault();
}
