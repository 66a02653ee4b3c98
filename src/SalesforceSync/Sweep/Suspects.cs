using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>
/// Hands on what a comparison found: deleted records, and those shown to be absent (rule E2), as verdicts that are merged like any other evidence, all else
/// as repairs of the reason <see cref="Reason"/>, which fetch the records.
/// </summary>
internal sealed class Suspects(NpgsqlDataSource source, Ownership ownership, EvidenceMerge merge, AbsenceCheck absences)
{
    /// <summary>What readings that prove wait for (see the closing of readings).</summary>
    public const string Reason = "sweep";

    private const int VerdictsAtOnce = 1_000;

    private const int RepairsAtOnce = 10_000;

    private const string AreJudged = "select coalesce((select judged_at is not null or absent = 0 from salesforce_sync.sweep where read = $1), false)";

    // Only what was shown by its id counts as absent; the doubtful are queued by whoever asked.
    private const string Judged = """
        with sorted as (
            update salesforce_sync.suspect set what = 'deleted' where read = $1 and what = 'absent' and record_id = any($3)),
        doubtful as (
            delete from salesforce_sync.suspect where read = $1 and what = 'absent' and record_id <> all($2) and record_id <> all($3)),
        spent as (
            update salesforce_sync.read set calls = calls + $4 where id = $1)
        update salesforce_sync.sweep set judged_at = clock_timestamp() where read = $1
        """;

    private const string Verdicts = """
        select record_id, stamp, what = 'absent' from salesforce_sync.suspect where read = $1 and what in ('deleted', 'absent') order by record_id limit $2
        """;

    private const string Done = "delete from salesforce_sync.suspect where read = $1 and record_id = any($2)";

    private const string Ask = """
        with chosen as (
            delete from salesforce_sync.suspect where read = $2 and record_id in (
                select record_id from salesforce_sync.suspect where read = $2 and what in ('changed', 'missing') order by record_id limit $3)
            returning record_id)
        insert into salesforce_sync.repair (org, object, record_id, reason, event)
        select $1, r.object, c.record_id, $4, r.anchor from chosen c join salesforce_sync.read r on r.id = $2
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = greatest(repair.event, excluded.event), asked_at = clock_timestamp()
        """;

    /// <summary>Whether it is known which records that were not seen are absent.</summary>
    public async Task<bool> AreJudgedAsync(Read read, CancellationToken stop)
    {
        await using var judged = source.CreateCommand(AreJudged);
        judged.Parameters.Add(Number(read.Id));
        return await judged.ExecuteScalarAsync(stop) is true;
    }

    /// <summary>Asks for the records that were not seen by their ids. To be done before anything is handed on, which forgets what was seen.</summary>
    /// <exception cref="ObjectFrozenException">Too many are gone, or others went as well: nothing can be told.</exception>
    public async Task JudgeAsync(Read read, ReadShape shape, CancellationToken stop)
    {
        var found = await absences.JudgeAsync(read, shape, stop);
        await using var judged = source.CreateCommand(Judged);
        judged.Parameters.Add(Number(read.Id));
        judged.Parameters.Add(Texts(found.Absent));
        judged.Parameters.Add(Texts(found.Deleted));
        judged.Parameters.Add(Number(found.Calls));
        await judged.ExecuteNonQueryAsync(stop);
    }

    /// <summary>Hands on a part; false when nothing is left. The same again does no harm.</summary>
    public async Task<bool> HandOnAsync(Read read, CancellationToken stop) => await MergeAsync(read, stop) || await AskAsync(read, stop);

    private async Task<bool> MergeAsync(Read read, CancellationToken stop)
    {
        var (deleted, absent) = (new List<EvidenceRow>(), new List<string>());
        await using (var connection = await source.OpenConnectionAsync(stop))
        {
            await using var verdicts = new NpgsqlCommand(Verdicts, connection) { Parameters = { Number(read.Id), Number(VerdictsAtOnce) } };
            await using var row = await verdicts.ExecuteReaderAsync(stop);
            while (await row.ReadAsync(stop))
            {
                if (row.GetBoolean(2))
                    absent.Add(row.GetString(0));
                else
                    deleted.Add(new(row.GetString(0), IsDeleted: true, row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1), Array.Empty<FieldValue>()));
            }
        }
        if (deleted.Count + absent.Count == 0)
            return false;
        await merge.MergeAsync(read, new EvidenceShape(read.Object, [], Complete: false), new EvidenceChunk(deleted, absent), stop);
        await using var done = source.CreateCommand(Done);
        done.Parameters.Add(Number(read.Id));
        done.Parameters.Add(Texts([.. deleted.Select(r => r.Id), .. absent]));
        await done.ExecuteNonQueryAsync(stop);
        return true;
    }

    private async Task<bool> AskAsync(Read read, CancellationToken stop)
    {
        await using var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop);
        var asked = await org.RunAsync(Ask, [Text(ownership.Org), Number(read.Id), Number(RepairsAtOnce), Text(Reason)], stop);
        await org.CommitAsync();
        return asked > 0;
    }

    private static NpgsqlParameter Texts(IReadOnlyList<string> values) => new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static NpgsqlParameter Number(long value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bigint };

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
