using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Database;

/// <summary>How a command takes part in the worker's order of locks: the org's row first (rule A1), and it waits for it rather than fail.</summary>
internal static class OrgRow
{
    private const string Patience = "set local lock_timeout = '60s'";

    private const string Lock = "select 1 from salesforce_sync.org where name = $1 for update";

    /// <summary>Locks the org until the transaction ends: until then nothing is applied and nobody takes over. Nothing is locked of an org nobody has copied yet.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, string org, CancellationToken stop)
    {
        await using var take = new NpgsqlBatch(connection)
        {
            Timeout = 90,
            BatchCommands = { new(Patience), new(Lock) { Parameters = { new() { Value = org, NpgsqlDbType = NpgsqlDbType.Text } } } },
        };
        await take.ExecuteNonQueryAsync(stop);
    }
}
