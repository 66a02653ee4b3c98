using Npgsql;

namespace SalesforceSync.Salesforce;

/// <summary>The book of calls that cost: each is written down before it is sent, so that a crash never makes a call forgotten.</summary>
internal sealed class ApiLedger(NpgsqlDataSource source)
{
    // The time of writing is the call's name: no two calls of one org share a microsecond in practice, and if they did both would get the same status.
    private const string Book = """
        insert into salesforce_sync.api_call (org, class, calls) values ($1, $2, 1) returning at
        """;

    private const string Settle = """
        update salesforce_sync.api_call set status = $4 where org = $1 and at = $2 and class = $3
        """;

    /// <returns>What <see cref="SettleAsync"/> needs.</returns>
    public async Task<DateTime> BookAsync(string org, string callClass, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using (var durable = new NpgsqlCommand("set local synchronous_commit = on", connection))
            await durable.ExecuteNonQueryAsync(stop);
        await using var book = new NpgsqlCommand(Book, connection) { Parameters = { new() { Value = org }, new() { Value = callClass } } };
        var at = (DateTime)(await book.ExecuteScalarAsync(stop))!;
        await transaction.CommitAsync(CancellationToken.None);
        return at;
    }

    /// <summary>Adds how the call ended.</summary>
    public async Task SettleAsync(string org, DateTime bookedAt, string callClass, int status, CancellationToken stop)
    {
        await using var settle = source.CreateCommand(Settle);
        foreach (var value in (object[])[org, bookedAt, callClass, status])
            settle.Parameters.Add(new() { Value = value });
        await settle.ExecuteNonQueryAsync(stop);
    }
}
