using System.Text.Json;
using Dapper;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Repair;

/// <summary>Fetches records of one object by their ids, as one reading: the anchor first, then the calls, then the end.</summary>
internal sealed class RecordFetch(
    NpgsqlDataSource source, string schema, Reads reads, RestClient rest, ReadShapes shapes, Visibility visibility, RepairQueue queue, TimeProvider time)
{
    private const string Exists = "select to_regclass($1) is not null";

    /// <summary>The reading, ended; or null when the stream has not spoken yet (rule E1).</summary>
    /// <exception cref="ObjectFrozenException">This user sees no such object, or too little of it.</exception>
    /// <exception cref="ReadingFailedException">It came to nothing as it is; the next try describes the object anew.</exception>
    public async Task<RecordReading?> FetchAsync(string objectName, string channel, IReadOnlyList<DueRecord> due, CancellationToken stop)
    {
        var shape = await shapes.OfAsync(objectName, stop)
            ?? throw new ObjectFrozenException($"{Visibility.NotVisible}: the object: give the user the right to read it, or leave it out of the configuration");
        await visibility.CheckAsync(objectName, shape, stop);
        var id = await reads.RequestAsync(new(shape.Object, channel, ReadKind.Repair, "records"), stop);
        try
        {
            if (await reads.BeginAsync(id, shape.Fields, rest.SalesforceNow, stop) is not { } read)
            {
                await reads.FailAsync(id, "the stream has not spoken yet", stop);
                return null;
            }
            CrashPoint.Hit(CrashPoints.RepairAfterBegin);
            var fetched = await FetchAsync(read, shape, due, stop);
            await reads.EndAsync(id, null, stop);
            CrashPoint.Hit(CrashPoints.RepairAfterFetch);
            return fetched;
        }
        catch (RestException refused) when (refused.IsOfFields)
        {
            await FailAsync(id, objectName, refused.Message);
            throw new ReadingFailedException($"the fields have changed ({refused.Code})");
        }
        catch (RestException refused) when (refused.IsOfObject)
        {
            await FailAsync(id, objectName, refused.Message);
            throw new ObjectFrozenException($"{Visibility.NotVisible}: the object ({refused.Code})");
        }
        catch (Exception failed)
        {
            await FailAsync(id, objectName, failed.Message);
            throw;
        }
    }

    private async Task FailAsync(long id, string objectName, string message)
    {
        shapes.Forget(objectName);
        await reads.FailAsync(id, message, CancellationToken.None);
    }

    private async Task<RecordReading> FetchAsync(Read read, ReadShape shape, IReadOnlyList<DueRecord> due, CancellationToken stop)
    {
        var ids = due.Select(record => record.RecordId).ToList();
        var (rows, silent, unreadable) = (new List<EvidenceRow>(ids.Count), new List<string>(), new List<string>());
        foreach (var some in ids.Chunk(RestClient.MostIds))
        {
            var records = await rest.RetrieveAsync(shape.Object, some, shape.Select(shape.Evidence.Fields), CallClass.Repair, stop);
            for (var i = 0; i < some.Length; i++)
                Sort(some[i], records[i], shape, rows, silent, unreadable);
        }
        if (unreadable.Count > 0)
            await queue.PutOffAsync(read.Object, unreadable, time.GetUtcNow() + RepairDelay.Pause(due[0].Tries + 4), isTry: true, "a value does not fit its column", stop);
        List<RecordPart> parts = [new(shape.Evidence, rows)];
        if (silent.Count == 0)
            return new(read, ids, parts, []);
        var verdicts = await new RecordProof(source, schema, rest).JudgeAsync(shape, silent, [.. rows.Where(r => !r.IsDeleted).Select(r => r.Id)], stop);
        parts.AddRange(verdicts.Parts);
        var absent = await OldEnoughAsync(read, verdicts.Absent, stop);
        var doubtful = silent.Except(absent).Except(verdicts.Found).ToList();
        if (doubtful.Count > 0)
        {
            var tries = due.Where(record => doubtful.Contains(record.RecordId)).Max(record => record.Tries);
            await queue.PutOffAsync(
                read.Object, doubtful, time.GetUtcNow() + RepairDelay.Pause(tries), isTry: true, verdicts.Doubt ?? "an event of the record is too young to tell that it is gone", stop);
        }
        return new(read, ids, parts, absent);
    }

    private static void Sort(string id, JsonElement? record, ReadShape shape, List<EvidenceRow> rows, List<string> silent, List<string> unreadable)
    {
        if (record is not { } found)
        {
            silent.Add(id);
            return;
        }
        try
        {
            rows.Add(RecordJson.Row(found, shape) with { Id = id });
        }
        catch (Exception misfit) when (misfit is UnreadableValueException or FormatException or OverflowException)
        {
            unreadable.Add(id);
        }
    }

    /// <summary>A record whose last event is as young as the reading may not be there yet, or not any more (rule E2).</summary>
    private async Task<IReadOnlyList<string>> OldEnoughAsync(Read read, IReadOnlyList<string> absent, CancellationToken stop)
    {
        if (absent.Count == 0)
            return absent;
        var table = Sql.Quote(schema, PostgresName.Of(read.Object));
        await using var connection = await source.OpenConnectionAsync(stop);
        await using (var exists = new NpgsqlCommand(Exists, connection) { Parameters = { new NpgsqlParameter<string> { TypedValue = table } } })
        {
            if (await exists.ExecuteScalarAsync(stop) is not true) return absent;
        }
        var young = await connection.QueryAsync<string>(new CommandDefinition(
            $"select id from {table} where id = any(@Ids) and _sync_commit_at > @Before",
            new { Ids = absent.ToArray(), Before = (read.BeganAt!.Value - CommitTimeSlack.Stamp).UtcDateTime }, cancellationToken: stop));
        return [.. absent.Except(young)];
    }
}
