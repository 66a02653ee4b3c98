using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Repair;

/// <summary>
/// Fetches what events could not tell: records by id, many at once, as evidence that is merged when the stream has caught up; whole objects by a snapshot.
/// Everything to do stands in Postgres; fetched rows that wait in memory are fetched again after a restart. Used by one caller at a time.
/// </summary>
/// <param name="collecting">How long gaps are collected before they are fetched together, while there is plenty of calls.</param>
internal sealed class RepairLoop(
    OrgOptions options, Reads reads, EvidenceMerge merge, RecordFetch fetch, RepairQueue queue, WholeObjects wholeObjects, Reparented reparented, Visibility visibility,
    Lookout lookout, TimeProvider time, ILogger logger, TimeSpan? collecting = null)
{
    private static readonly TimeSpan UsualCollecting = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LookAtBudget = TimeSpan.FromMinutes(1);

    /// <summary>Records of one reading; five calls.</summary>
    private const int MostRecords = 5 * RestClient.MostIds;

    private const int RowsPerMerge = 2_000;

    private const string Overtaken = "the position in the stream was lost, or a field became another, after it began";

    /// <summary>Bytes of fetched rows that may wait; a wide object fills it with one reading.</summary>
    private const long MostWaiting = 48 << 20;

    private const int MostReadings = 8;

    private readonly List<RecordReading> _waiting = [];
    private readonly Dictionary<string, DateTimeOffset> _notBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _troubles = new(StringComparer.Ordinal);
    private bool _isClean;
    private (DateTimeOffset At, double Left) _budget = (DateTimeOffset.MinValue, 1);

    /// <summary>Why nothing is fetched just now, or null.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Runs until told to stop.</summary>
    /// <exception cref="Npgsql.NpgsqlException">The database failed; begin anew from what it says.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            if (!await StepAsync(stop))
                await lookout.WaitAsync(Idle, stop);
        }
    }

    /// <summary>One bounded piece of work; false when there is nothing to do just now.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        if (!_isClean)
            await GiveUpLostReadingsAsync(stop);
        return await MergeNextAsync(stop) || await FetchNextAsync(stop) || await wholeObjects.StepAsync(stop) || await reparented.StepAsync(stop);
    }

    /// <summary>Readings of an earlier run have lost their rows.</summary>
    private async Task GiveUpLostReadingsAsync(CancellationToken stop)
    {
        foreach (var read in await reads.OpenAsync(stop))
        {
            if (read.Kind == ReadKind.Repair)
                await reads.FailAsync(read.Id, "the worker ended before its rows were merged", stop);
        }
        _isClean = true;
    }

    private async Task<bool> MergeNextAsync(CancellationToken stop)
    {
        foreach (var reading in _waiting)
        {
            if (await queue.IsOvertakenAsync(reading.Read.Id, stop))
            {
                await reads.FailAsync(reading.Read.Id, Overtaken, stop);
                _waiting.Remove(reading);
                return true;
            }
            if (!await reads.IsDueAsync(reading.Read.Id, stop))
                continue;
            _waiting.Remove(reading);
            await MergeAsync(reading, stop);
            return true;
        }
        return false;
    }

    private async Task MergeAsync(RecordReading reading, CancellationToken stop)
    {
        try
        {
            foreach (var part in reading.Parts)
            {
                foreach (var some in part.Rows.Chunk(RowsPerMerge))
                    await merge.MergeAsync(reading.Read, part.Shape, new EvidenceChunk(some, []), stop);
            }
            if (reading.Absent.Count > 0)
                await merge.MergeAsync(reading.Read, new EvidenceShape(reading.Read.Object, []), new EvidenceChunk([], reading.Absent), stop);
            CrashPoint.Hit(CrashPoints.RepairBeforeClose);
            if (!await reads.CloseAsync(reading.Read.Id, stop))
            {
                // Its rows are merged as they are; what they were to answer is fetched again.
                await reads.FailAsync(reading.Read.Id, Overtaken, stop);
                return;
            }
            logger.RecordsMerged(options.Name, reading.Read.Object, reading.Parts.Sum(p => p.Rows.Count), reading.Absent.Count);
        }
        catch (RefusedNameException refused)
        {
            await reads.FailAsync(reading.Read.Id, refused.Message, stop);
            await queue.PutOffAsync(reading.Read.Object, time.GetUtcNow() + RepairDelay.Pause(16), refused.Message, stop);
        }
    }

    private async Task<bool> FetchNextAsync(CancellationToken stop)
    {
        if (_waiting.Count >= MostReadings || _waiting.Sum(reading => reading.Weight) >= MostWaiting)
            return false;
        var now = time.GetUtcNow();
        var underWay = _waiting.SelectMany(reading => reading.Records).ToList();
        var except = _notBefore.Where(entry => entry.Value > now).Select(entry => entry.Key).ToList();
        foreach (var due in await queue.NextAsync(now, await DelayAsync(now, stop), except, underWay, stop))
        {
            if (!options.Objects.For(due.Object).Include)
            {
                await wholeObjects.ForgetAsync(due.Object, stop);
                return true;
            }
            if (due.Channel is not { } channel)
            {
                await wholeObjects.MeetAsync(due.Object, stop);
                return true;
            }
            var most = Math.Max(RestClient.MostIds, Math.Min(MostRecords, (int)((MostWaiting - _waiting.Sum(r => r.Weight)) / 4_096)));
            var records = await queue.RecordsAsync(due.Object, now, underWay, most, stop);
            if (records.Count > 0 && await FetchAsync(due.Object, channel, records, stop))
                return true;
        }
        return false;
    }

    /// <summary>True when something was fetched.</summary>
    private async Task<bool> FetchAsync(string objectName, string channel, IReadOnlyList<DueRecord> records, CancellationToken stop)
    {
        try
        {
            if (await fetch.FetchAsync(objectName, channel, records, stop) is not { } fetched)
            {
                _notBefore[objectName] = time.GetUtcNow() + TimeSpan.FromSeconds(1);
                return false;
            }
            _waiting.Add(fetched);
            _troubles.Remove(objectName);
            Trouble = null;
            logger.RecordsFetched(options.Name, objectName, records.Count);
            return true;
        }
        catch (ObjectFrozenException frozen)
        {
            await FreezeAsync(objectName, frozen.Message, stop);
            return true;
        }
        catch (Exception trouble) when (PauseAfter(trouble, _troubles.GetValueOrDefault(objectName)) is { } pause)
        {
            _troubles[objectName] = _troubles.GetValueOrDefault(objectName) + 1;
            _notBefore[objectName] = time.GetUtcNow() + pause;
            if (trouble is not BudgetSpentException)
                await queue.PutOffAsync(objectName, records.Select(r => r.RecordId), time.GetUtcNow() + pause, isTry: false, trouble.Message, stop);
            if (Trouble != trouble.Message)
                logger.FetchWaits(options.Name, objectName, pause, trouble.Message);
            Trouble = trouble.Message;
            return false;
        }
    }

    private async Task FreezeAsync(string objectName, string reason, CancellationToken stop)
    {
        await visibility.FreezeAsync(objectName, reason, stop);
        await queue.PutOffAsync(objectName, time.GetUtcNow() + RepairDelay.Pause(16), reason, stop);
    }

    private async Task<TimeSpan> DelayAsync(DateTimeOffset now, CancellationToken stop)
    {
        if (now - _budget.At > LookAtBudget)
            _budget = (now, 1 - (await queue.CallsSpentAsync(stop) / (double)Math.Max(1, options.ApiBudget.CallsPerMonth)));
        return RepairDelay.Collecting(collecting ?? UsualCollecting, _budget.Left);
    }

    /// <summary>What may pass by itself is waited for; null for everything else.</summary>
    private TimeSpan? PauseAfter(Exception trouble, int before) => trouble switch
    {
        BudgetSpentException spent => Least(spent.Until - time.GetUtcNow(), TimeSpan.FromHours(1)),
        RestException { Code: "REQUEST_LIMIT_EXCEEDED" } => TimeSpan.FromMinutes(10),
        RestException { MayPass: false } => RepairDelay.Pause(before + 3),
        RestException or SalesforceUnreachableException or SignInException or GrpcException => RepairDelay.Pause(before),
        ReadingFailedException => RepairDelay.Pause(before),
        _ => null,
    };

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
