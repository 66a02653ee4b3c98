using System.Text.Json;
using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>What became of the records that a reading of everything has not seen.</summary>
/// <param name="Absent">They do not exist: shown by a query for each under a permission proven in the same answer.</param>
/// <param name="Deleted">They lie in the recycle bin.</param>
/// <param name="Calls">What it cost.</param>
internal sealed record Absences(IReadOnlyList<string> Absent, IReadOnlyList<string> Deleted, int Calls)
{
    public static Absences None { get; } = new([], [], 0);
}

/// <summary>
/// Rule E2: a reading shows a record's absence only where the record's last event is older than the reading by more than the slack of Salesforce's times, and
/// with a query by its id, answered together with other records of the object that are known to live, since what this user may not see is not there for him
/// either; where none is left, a few may go while the object is described as one he may query. Of a younger record the reading says nothing: it is fetched. Too many absences at once are believed by nobody.
/// </summary>
internal sealed class AbsenceCheck(NpgsqlDataSource source, Ownership ownership, string schema, RestClient rest)
{
    /// <summary>The word of an operator who has looked, as the reason of a reading: that so many are gone is right.</summary>
    public const string Accepted = "accepted";

    private const int MostAbsences = 10_000;

    /// <summary>
    /// So few are believed whatever part of the object they are, each having been asked for by its id: an object of a few records may well lose the last of them.
    /// </summary>
    public const int Few = 20;

    private const int Witnesses = 20;
    private const int IdsPerQuery = 300;

    private const string Exists = "select to_regclass($1) is not null";

    private const string CountSeen = "select count(*) from salesforce_sync.seen where read = @Id";

    private const string NotesSeen = "select notes_seen from salesforce_sync.read where org = @Org and id = @Id";

    private const string SpreadWitnesses = """
        select s.record_id from (
            select record_id, row_number() over (order by record_id) as place, count(*) over () as all_of_them
            from salesforce_sync.seen s where read = @Id and not deleted and not exists (
                select from salesforce_sync.touch c where c.org = @Org and c.object = @Object and c.record_id = s.record_id and c.existence and c.event > @Anchor)) s
        where (place - 1) % greatest(1, all_of_them / @Count) = 0 order by 1 limit @Count
        """;

    // Without an event number it is answered by what begins to read from now on, never by this reading itself.
    private const string QueueDoubtful = """
        insert into salesforce_sync.repair (org, object, record_id, reason) select @Org, @Object, r, 'sweep' from unnest(@Ids) r
        on conflict (org, object, record_id, reason) where state = 'open' do update set event = null, opened_at = clock_timestamp(), asked_at = clock_timestamp(), next_at = null
        """;

    /// <exception cref="ObjectFrozenException">More is gone than can be believed, or the permission to see it is not proven.</exception>
    /// <exception cref="ReadingFailedException">What the reading has seen is not known any more, or the answer cannot be understood.</exception>
    public async Task<Absences> JudgeAsync(Read read, ReadShape shape, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        if (await CandidatesAsync(connection, read, stop) is not { Count: > 0 } unseen)
            return Absences.None;
        if (read.Reason != Accepted)
            await RefuseMassAsync(connection, read, unseen.Count, stop);
        await QueueAsync(connection, read, [.. unseen.Where(u => u.IsYoung).Select(u => u.Id)], stop);
        string[] candidates = [.. unseen.Where(u => !u.IsYoung).Select(u => u.Id)];
        if (candidates.Length == 0)
            return Absences.None;
        if (PlantedBug.Is(PlantedBugs.AbsenceBelieved))
            return new([.. unseen.Select(u => u.Id)], [], 0);
        var witnesses = (await connection.QueryAsync<string>(new CommandDefinition(
            SpreadWitnesses, new { read.Id, ownership.Org, read.Object, read.Anchor, Count = Witnesses }, cancellationToken: stop))).ToList();
        if (witnesses.Count > 0 || read.Reason == Accepted)
            return await VerifyAsync(connection, read, shape, candidates, witnesses, stop);
        if (candidates.Length > Few || await rest.DescribeAsync(read.Object, stop) is not { Queryable: true })
            throw new ObjectFrozenException($"Salesforce shows no record of {read.Object} any more, and {candidates.Length} are here: look whether the user lost the right to see them");
        var last = await VerifyAsync(connection, read, shape, candidates, witnesses, stop);
        return last with { Calls = last.Calls + 1 };
    }

    /// <summary>Live rows here that the reading has not seen and no later event or reading told of.</summary>
    private async Task<IReadOnlyList<Unseen>> CandidatesAsync(NpgsqlConnection connection, Read read, CancellationToken stop)
    {
        var table = Sql.Quote(schema, PostgresName.Of(read.Object));
        await using (var exists = new NpgsqlCommand(Exists, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = table } } })
        {
            if (await exists.ExecuteScalarAsync(stop) is not true) return [];
        }
        var values = new { read.Id, ownership.Org, read.Object, read.Anchor, Limit = MostAbsences + 1, Young = (read.BeganAt!.Value - CommitTimeSlack.Stamp).UtcDateTime };
        if (await connection.ExecuteScalarAsync<bool?>(new CommandDefinition(NotesSeen, values, cancellationToken: stop)) is false) return [];
        // The table of seen ids does not outlive a crash of Postgres; then nothing seems to have been seen.
        var seen = await connection.ExecuteScalarAsync<long>(new CommandDefinition(CountSeen, values, cancellationToken: stop));
        if (read.JobId == BulkJobs.ByRest ? seen == 0 && read.RowsMerged > 0 : seen < read.RowsMerged / BulkJobs.JobCount(read))
            throw new ReadingFailedException("what was seen is forgotten: Postgres has crashed meanwhile");
        return [.. await connection.QueryAsync<Unseen>(new CommandDefinition(SelectUnseen(table), values, commandTimeout: 600, cancellationToken: stop))];
    }

    /// <summary>So many absences at once are believed by nobody.</summary>
    /// <param name="live">Rows here that live.</param>
    public static bool IsTooMuch(long absent, long live) => absent > MostAbsences || (absent > Few && absent > live / 2);

    private async Task RefuseMassAsync(NpgsqlConnection connection, Read read, int candidates, CancellationToken stop)
    {
        var table = Sql.Quote(schema, PostgresName.Of(read.Object));
        var live = await connection.ExecuteScalarAsync<long>(new CommandDefinition($"select count(*) from {table} where not _sync_deleted", cancellationToken: stop));
        if (IsTooMuch(candidates, live))
        {
            throw new ObjectFrozenException(
                $"{(candidates > MostAbsences ? $"more than {MostAbsences}" : $"{candidates}")} of {live} records of {read.Object} are not shown any more; nothing was deleted: "
                + "look whether the user lost the right to see them, or accept it with snapshot --accept-absences --yes");
        }
    }

    private async Task<Absences> VerifyAsync(
        NpgsqlConnection connection, Read read, ReadShape shape, IReadOnlyList<string> candidates, List<string> witnesses, CancellationToken stop)
    {
        var (absent, deleted, doubtful, calls) = (new List<string>(), new List<string>(), new List<string>(), 0);
        string[] fields = shape.HasIsDeleted ? [ReadShape.Id, ReadShape.IsDeleted] : [ReadShape.Id];
        foreach (var ids in candidates.Chunk(IdsPerQuery))
        {
            var found = new Dictionary<string, bool>(StringComparer.Ordinal);
            await foreach (var page in rest.QueryAsync(SoqlText.ByIds(read.Object, fields, ids.Concat(witnesses)), all: shape.HasIsDeleted, CallClass.Snapshot, stop))
            {
                calls++;
                foreach (var record in page)
                    found[IdOf(record, read.Object)] = RecordJson.IsDeleted(record);
            }
            if (witnesses.Exists(witness => !found.ContainsKey(witness)))
                throw new ObjectFrozenException($"records of {read.Object} that were read a moment ago are not shown any more: whether others are gone cannot be told");
            absent.AddRange(ids.Where(id => !found.ContainsKey(id)));
            deleted.AddRange(ids.Where(id => found.TryGetValue(id, out var isDeleted) && isDeleted));
            doubtful.AddRange(ids.Where(id => found.TryGetValue(id, out var isDeleted) && !isDeleted));
        }
        await QueueAsync(connection, read, [.. doubtful], stop);
        return new(absent, deleted, calls);
    }

    private static string IdOf(JsonElement record, string objectName)
    {
        try
        {
            return RecordJson.Id(record, objectName);
        }
        catch (FormatException unreadable)
        {
            throw new ReadingFailedException(unreadable.Message);
        }
    }

    /// <summary>It lives, or may, and was not among the rows: it has to be fetched before the object counts as proven.</summary>
    private async Task QueueAsync(NpgsqlConnection connection, Read read, string[] doubtful, CancellationToken stop)
    {
        if (doubtful.Length > 0)
            await connection.ExecuteAsync(new CommandDefinition(QueueDoubtful, new { ownership.Org, read.Object, Ids = doubtful }, cancellationToken: stop));
    }

    private static string SelectUnseen(string table) => $"""
        select t.id as Id, coalesce(t._sync_commit_at >= @Young, false) as IsYoung from {table} t
        where not t._sync_deleted
            and not exists (select from salesforce_sync.seen s where s.read = @Id and s.record_id = t.id)
            and not exists (select from salesforce_sync.touch c
                where c.org = @Org and c.object = @Object and c.record_id = t.id and c.existence
                    and (c.event > @Anchor or c.read > (select turn from salesforce_sync.read where org = @Org and id = @Id)))
        limit @Limit
        """;

    /// <summary>A live row that a reading has not seen.</summary>
    /// <param name="IsYoung">Its last event is not older than the reading by more than the slack.</param>
    private sealed record Unseen(string Id, bool IsYoung);
}
