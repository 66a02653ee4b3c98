namespace SalesforceSync.Tests.Crash;

/// <summary>Transactions as large as Salesforce publishes them.</summary>
internal static class LargeTransactions
{
    /// <summary>One transaction of so many events: every record is created and then changed. Returns its key.</summary>
    public static string Commit(WatchedCopy copy, int events, int records) => copy.Simulated.Org.Commit(draft =>
    {
        var ids = new string[records];
        for (var i = 0; i < records; i++)
            ids[i] = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Account {i}", ["Site"] = "one", ["Description"] = new string('x', 300) });
        for (var i = records; i < events; i++)
            draft.Update("Account", ids[i % records], new Dictionary<string, object?> { ["Site"] = $"site {i}", ["Phone"] = $"{i}" });
    }).Key;
}
