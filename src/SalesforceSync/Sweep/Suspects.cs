using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;

namespace SalesforceSync.Sweep;

/// <summary>
/// Hands on what a comparison found: deleted records as verdicts that are merged like any other evidence, all else as repairs of the reason
/// <see cref="Reason"/>, which fetch the records; whether one that was not seen is absent is for them to find out by its id (rule E2).
/// </summary>
internal sealed class Suspects(NpgsqlDataSource source, Ownership ownership, EvidenceMerge merge)
{
    /// <summary>What readings that prove wait for (see the closing of readings).</summary>
    public const string Reason = "sweep";

    private const int VerdictsAtOnce = 1_000;

    private const int RepairsAtOnce = 10_000;

    private const string Deleted = """
        select record_id, stamp from salesforce_sync.suspect where read = $1 and what = 'deleted' order by record_id limit $2
        """;

    private const string Judged = "delete from salesforce_sync.suspect where read = $1 and record_id = any($2)";

    private const string Ask = """
        with chosen as (
            delete from salesforce_sync.suspect where read = $2 and record_id in (
                select record_id from salesforce_sync.suspect where read = $2 and what <> 'deleted' order by record_id limit $3)
            returning record_id)
        insert into salesforce_sync.repair (org, object, record_id, reason, event)
        select $1, r.object, c.record_id, $4, r.anchor from chosen c join salesforce_sync.read r on r.id = $2
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event)
        """;

    /// <summary>Hands on a part; false when nothing is left. The same again does no harm.</summary>
    public async Task<bool> HandOnAsync(Read read, CancellationToken stop) => await JudgeAsync(read, stop) || await AskAsync(read, stop);

    private async Task<bool> JudgeAsync(Read read, CancellationToken stop)
    {
        var rows = new List<EvidenceRow>();
        await using (var connection = await source.OpenConnectionAsync(stop))
        {
            await using var deleted = new NpgsqlCommand(Deleted, connection) { Parameters = { Number(read.Id), Number(VerdictsAtOnce) } };
            await using var row = await deleted.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
                rows.Add(new(row.GetString(0), IsDeleted: true, await row.IsDBNullAsync(1, stop) ? null : row.GetFieldValue<DateTimeOffset>(1), Array.Empty<FieldValue>()));
        }
        if (rows.Count == 0)
            return false;
        await merge.MergeAsync(read, new EvidenceShape(read.Object, [], Complete: false), new EvidenceChunk(rows, []), stop);
        await using var judged = source.CreateCommand(Judged);
        judged.Parameters.Add(Number(read.Id));
        judged.Parameters.Add(new() { Value = rows.Select(r => r.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await judged.ExecuteNonQueryAsync(stop);
        return true;
    }

    private async Task<bool> AskAsync(Read read, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        var asked = await org.RunAsync(Ask, [Text(ownership.Org), Number(read.Id), Number(RepairsAtOnce), Text(Reason)], stop);
        await org.CommitAsync();
        return asked > 0;
    }

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
