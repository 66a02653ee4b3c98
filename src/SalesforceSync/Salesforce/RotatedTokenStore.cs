using Npgsql;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>Keeps the refresh tokens of orgs that replace them with every use, so that neither a crash nor a second process locks us out.</summary>
internal sealed class RotatedTokenStore(NpgsqlDataSource source)
{
    private const string TakeTurn = "select pg_advisory_lock(hashtext('salesforce_sync.refresh_token'), hashtext($1))";

    private const string Kept = "select token, previous from salesforce_sync.refresh_token where org = $1";

    /// <summary>Waits until no other process uses the org's refresh token, and reads what is kept. The turn ends when it is disposed.</summary>
    public async Task<RotationTurn> BeginAsync(string org, CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop);
        try
        {
            // A lock of the session, not of a transaction: the database ends transactions that idle, and sign-in may take longer than that.
            await using (var take = new NpgsqlCommand(TakeTurn, connection) { Parameters = { new() { Value = org } } })
                await take.ExecuteNonQueryAsync(stop);
            await using var kept = new NpgsqlCommand(Kept, connection) { Parameters = { new() { Value = org } } };
            await using var reader = await kept.ExecuteReaderAsync(stop);
            if (!await reader.ReadAsync(stop))
                return new RotationTurn(connection, org, null, null);
            Secret? previous = await reader.IsDBNullAsync(1, stop) ? null : new Secret(reader.GetString(1));
            return new RotationTurn(connection, org, new Secret(reader.GetString(0)), previous);
        }
        catch
        {
            await RotationTurn.EndAsync(connection, org);
            throw;
        }
    }
}
