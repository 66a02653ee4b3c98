using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// Writes what readings brought, rule A2: per column the newest evidence wins. One Postgres transaction per chunk: the org's row locked, rows, the
/// reading's place, the numbered input. Rows of records nobody has touched or seen go straight into the table by COPY, all others through a stage.
/// </summary>
internal sealed class EvidenceMerge(NpgsqlDataSource source, Ownership ownership, string schema, Func<string, ObjectRule> rules, TimeProvider time, ILogger logger)
{
    /// <summary>Merges one chunk of a reading that is due.</summary>
    /// <exception cref="OwnershipLostException">Another process owns the org.</exception>
    /// <exception cref="PostgresException">As Postgres says; nothing was written.</exception>
    public Task<int> MergeAsync(Read read, EvidenceShape shape, EvidenceChunk chunk, CancellationToken stop) =>
        throw new NotImplementedException($"{source} {ownership} {schema} {rules} {time} {logger}");
}
