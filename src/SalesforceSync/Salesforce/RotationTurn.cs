using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Salesforce;

/// <summary>One process's turn at an org's refresh token: what is kept of it, and the writing of what came of using it.</summary>
internal sealed class RotationTurn(NpgsqlConnection connection, string org, Secret? token, Secret? previous) : IAsyncDisposable
{
    private const string Keep = """
        insert into salesforce_sync.refresh_token (org, token, previous) values ($1, $2, $3)
        on conflict (org) do update set token = excluded.token, previous = excluded.previous, rotated_at = clock_timestamp()
        """;

    private const string EndTurn = "select pg_advisory_unlock(hashtext('salesforce_sync.refresh_token'), hashtext($1))";

    /// <summary>The tokens worth trying, newest first; the configured one comes last, for it may be a new grant a person just gave.</summary>
    public IEnumerable<Secret> Candidates(Secret configured)
    {
        Secret?[] all = [token, previous, configured];
        return all.OfType<Secret>().Distinct();
    }

    /// <summary>
    /// Writes down what a successful use of <paramref name="used"/> showed, durably: a replacement is kept beside the token it replaces, and a token that
    /// has worked needs the one before it no more. Not to be stopped halfway: the old token may be dead already.
    /// </summary>
    public async Task WorkedAsync(Secret used, Secret? replacement)
    {
        var (newest, before) = replacement is { } given && given != used ? (given, used) : (used, (Secret?)null);
        if ((newest == token && before == previous) || (token is null && before is null))
            return;
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        await using (var durable = new NpgsqlCommand(PlantedBug.Is(PlantedBugs.TokenNotFlushed) ? "select 1" : "set local synchronous_commit = on", connection))
            await durable.ExecuteNonQueryAsync(CancellationToken.None);
        await using var keep = new NpgsqlCommand(Keep, connection)
        {
            Parameters = { new() { Value = org }, new() { Value = newest.Reveal }, new() { Value = (object?)before?.Reveal ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } },
        };
        await keep.ExecuteNonQueryAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        (token, previous) = (newest, before);
    }

    public async ValueTask DisposeAsync() => await EndAsync(connection, org);

    /// <summary>Gives the lock back and the connection to its pool; a connection that cannot say so is broken, and its end frees the lock.</summary>
    internal static async Task EndAsync(NpgsqlConnection connection, string org)
    {
        try
        {
            await using var end = new NpgsqlCommand(EndTurn, connection) { CommandTimeout = 2, Parameters = { new() { Value = org } } };
            await end.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // Not returned to the pool, where it would keep the lock: closing the session frees it.
            NpgsqlConnection.ClearPool(connection);
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }
}
