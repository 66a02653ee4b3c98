namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>A program that copies an org of its own into a database of its own. Ours, and what most people would write.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    BenchedOrg Org { get; }

    /// <summary>The topic it subscribes to; replay ids are of this one.</summary>
    string Topic { get; }

    string Database { get; }

    /// <summary>A query whose one value is the replay id of the last event it has applied, in hex.</summary>
    string Position { get; }

    int ProcessId { get; }

    /// <summary>Completes when it ends, which it should not.</summary>
    Task<int> Exited { get; }

    /// <summary>What it said; for the message when it ends.</summary>
    string Log { get; }
}
