using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

internal enum ReadKind
{
    Snapshot,
    Repair,
    Fill,
    Sweep,
    Refresh,
}

internal enum ReadState
{
    /// <summary>Asked for; nothing is read yet and nothing noted.</summary>
    Waiting,

    /// <summary>Its anchor is taken: what changes from now on is noted.</summary>
    Reading,

    /// <summary>Everything is read at Salesforce; rows are merged once apply is past <see cref="Read.EndEvent"/>.</summary>
    Merging,
    Done,
    Failed,
}

/// <summary>A reading that is wanted.</summary>
/// <param name="Proves">It is to show everything there is of the object, absences too: gaps of the object close with it.</param>
internal sealed record ReadRequest(
    string Object, string Channel, ReadKind Kind, string Reason, bool Proves = false, DateTimeOffset? Since = null, string? Condition = null);

/// <summary>A row of <c>salesforce_sync.read</c>.</summary>
internal sealed record Read(
    long Id, string Object, string Channel, ReadKind Kind, string Reason, ReadState State, bool Proves, DateTimeOffset? Since, string? Condition,
    IReadOnlyList<string> Fields, long? Anchor, DateTimeOffset? BeganAt, long? EndEvent, string? JobId, string? Locator, long PageRows, long? RowsExpected,
    long RowsMerged, int Tries);

/// <summary>
/// The readings of one org: asked for, begun with an anchor, ended, merged and closed, each step one durable transaction that holds the org's row, so that
/// apply and readings agree on what was touched while one was open. Every member fails with <see cref="OwnershipLostException"/> when another owns the org.
/// </summary>
internal sealed class Reads(NpgsqlDataSource source, Ownership ownership)
{
    /// <summary>Asks for a reading; the id of the one that is open when it is a snapshot and the object has one already.</summary>
    public Task<long> RequestAsync(ReadRequest request, CancellationToken stop) => throw new NotImplementedException($"{source} {ownership}");

    /// <summary>The readings that are not closed, in the order they were asked for.</summary>
    public Task<IReadOnlyList<Read>> OpenAsync(CancellationToken stop) => throw new NotImplementedException();

    /// <summary>
    /// Takes the anchor and begins to note what is touched. Null while nothing was ever received on the channel (rule E1): ask again later.
    /// To be called before the first request of the reading leaves.
    /// </summary>
    /// <param name="salesforceTime">Salesforce's clock now.</param>
    public Task<Read?> BeginAsync(long id, IReadOnlyList<string> fields, DateTimeOffset salesforceTime, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Remembers the Bulk job, so that it is found again after a restart.</summary>
    public Task JobAsync(long id, string? jobId, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>The last row was read at Salesforce: what is received up to the next response, and applied, comes before the merge (rule A2).</summary>
    public Task EndAsync(long id, long? rowsExpected, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Whether the stream has spoken since the reading ended and everything received until then is applied.</summary>
    public Task<bool> IsDueAsync(long id, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>
    /// All rows are merged: repairs it answers (rule E4) and gaps it proves closed are closed with it, in one transaction; touches are dropped with the
    /// object's last open reading.
    /// </summary>
    public Task CloseAsync(long id, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>It came to nothing; repairs and gaps stay open.</summary>
    public Task FailAsync(long id, string message, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Begins anew with a new anchor: an expired job, a lost position, a changed schema.</summary>
    public Task RestartAsync(long id, string message, CancellationToken stop) => throw new NotImplementedException();
}
