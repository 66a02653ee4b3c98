using Npgsql;

namespace SalesforceSync.Database;

/// <summary>Something between us and Postgres gives each transaction another session.</summary>
internal sealed class TransactionPoolerException() : Exception($"a pooler in transaction mode is between this program and Postgres: {Remedy}")
{
    public const string Remedy =
        "let ConnectionStrings:Postgres lead to Postgres itself, or to a pooler in session mode: settings, prepared statements, temporary tables and locks belong to sessions, and so does the lease";
}

/// <summary>Notices a pooler in transaction mode (PgBouncer and its like) before anything is written through it.</summary>
internal static class TransactionPooler
{
    private const int Tries = 5;

    /// <summary>
    /// Behind one, a session that waits between two transactions is another's meanwhile. Without any pooler the process that answers is the one that was named when
    /// the connection was made, and this costs one exchange.
    /// </summary>
    public static async Task<bool> IsBetweenAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        await using var first = await source.OpenConnectionAsync(stop);
        if (await ProcessAsync(first, 0, stop) == first.ProcessID)
            return false;
        await using var second = await source.OpenConnectionAsync(stop);
        for (var i = 1; i <= Tries; i++)
        {
            var before = await ProcessAsync(first, i, stop);
            await using var holding = await second.BeginTransactionAsync(stop);
            if (await ProcessAsync(second, i, stop) == before || await ProcessAsync(first, -i, stop) != before)
                return true;
        }
        return false;
    }

    // Another text each time: a statement that is prepared would fail in another session, which is just what is to be found out.
    private static async Task<int> ProcessAsync(NpgsqlConnection connection, int turn, CancellationToken stop)
    {
        await using var ask = new NpgsqlCommand($"select pg_backend_pid() + 0 * ({turn})", connection);
        return (int)(await ask.ExecuteScalarAsync(stop))!;
    }
}
