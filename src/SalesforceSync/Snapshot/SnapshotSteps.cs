using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>The next step of one reading, from what its row says. Used by several lanes, each with another reading.</summary>
internal sealed class SnapshotSteps(
    string org, Reads reads, EvidenceMerge merge, BulkClient bulk, RestClient rest, ReadShapes shapes, OrgObjects objects, AbsenceCheck absences, Visibility visibility, ReadNotes notes,
    Func<string, ObjectRule> rules, SnapshotSizes sizes, TimeProvider time, ILogger logger)
{
    /// <summary>How often the stream is looked at, whether it has spoken since a reading ended: a query here, no call.</summary>
    private static readonly TimeSpan UntilDue = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan UntilAnchor = TimeSpan.FromMilliseconds(500);

    private readonly BulkJobs _jobs = new(reads, bulk, notes, time);
    private readonly BulkRows _bulkRows = new(bulk, org, sizes, logger);
    private readonly KeysetRows _keysetRows = new(rest);
    private readonly ConcurrentDictionary<long, IReadOnlyList<RowPart>> _batches = new();
    private readonly PartMerge _parts = new(merge);

    /// <summary>Takes one step; null when it led on, else how long to wait before the next.</summary>
    /// <exception cref="ReadingFailedException">It came to nothing as it is.</exception>
    /// <exception cref="ObjectFrozenException">Nothing may be deleted by what it shows.</exception>
    public async Task<TimeSpan?> TakeAsync(Read read, CancellationToken stop)
    {
        if (!rules(read.Object).Include)
        {
            await reads.FailAsync(read.Id, "the object is not copied any more", stop);
            return null;
        }
        if (read.Overtaken is { } overtaken)
        {
            logger.ReadingOvertaken(org, read.Object);
            await RestartAsync(read, overtaken, stop);
            return null;
        }
        return read.State switch
        {
            ReadState.Waiting => await BeginAsync(read, stop),
            ReadState.Reading when read.JobId == BulkJobs.ByRest => await ReadByRestAsync(read, stop),
            ReadState.Reading => await ReadAsync(read, stop),
            ReadState.Merging => await MergeAsync(read, stop),
            _ => throw new InvalidOperationException($"{org}: reading {read.Id} is closed"),
        };
    }

    /// <summary>The reading is given up: so are its jobs.</summary>
    public async Task ForgetAsync(Read read, CancellationToken stop)
    {
        shapes.Forget(read.Object);
        _batches.TryRemove(read.Id, out _);
        await _jobs.ForgetAsync(read, stop);
    }

    private async Task<ReadShape> ShapeAsync(Read read, CancellationToken stop) => (await shapes.OfAsync(read.Object, stop)
        ?? throw new ObjectFrozenException($"{Visibility.NotVisible}: the object: give the user the right to read it, or leave it out of the configuration")).For(read);

    /// <summary>The shape, or null after the reading was begun anew because it is another one now: a field came or went (rule D7).</summary>
    private async Task<ReadShape?> SameShapeAsync(Read read, CancellationToken stop)
    {
        var shape = await ShapeAsync(read, stop);
        if (shape.Fields.SequenceEqual(read.Fields, StringComparer.OrdinalIgnoreCase))
            return shape;
        await RestartAsync(read, "the object's fields have changed", stop);
        return null;
    }

    private async Task RestartAsync(Read read, string why, CancellationToken stop)
    {
        _batches.TryRemove(read.Id, out _);
        await _jobs.ForgetAsync(read, stop);
        await reads.RestartAsync(read.Id, why, stop);
    }

    private async Task<TimeSpan?> BeginAsync(Read read, CancellationToken stop)
    {
        // A snapshot brings the columns too: one that is open comes first, and is then as good as two.
        if (read.Kind != ReadKind.Snapshot && (await reads.OpenAsync(stop)).Any(r => r.Kind == ReadKind.Snapshot && r.Object == read.Object))
            return UntilAnchor;
        if (read.Kind == ReadKind.Fill && await reads.CloseIfCoveredAsync(read.Id, stop))
            return null;
        var shape = await ShapeAsync(read, stop);
        if (shape.Fields.Count == 0 && read.Kind != ReadKind.Snapshot)
        {
            if (read.Kind == ReadKind.Fill)
                await reads.FailAsync(read.Id, "none of the fields can be read by this user", stop, asked: read.Fields);
            else
                await reads.FailAsync(read.Id, "the object has no calculated fields", stop);
            return null;
        }
        if (read.Proves)
            await visibility.CheckAsync(read.Object, shape, stop);
        if (await reads.BeginAsync(read.Id, shape.Fields, rest.SalesforceNow, stop, read.Kind == ReadKind.Fill ? read.Fields : null) is not { } begun)
            return UntilAnchor;
        CrashPoint.Hit(CrashPoints.SnapshotAfterBegin);
        await objects.NotePrefixAsync(read.Object, shape.KeyPrefix, stop);
        logger.ReadingBegins(org, read.Object, read.Reason, begun.Anchor ?? 0, shape.Fields.Count);
        return null;
    }

    private async Task<TimeSpan?> ReadAsync(Read read, CancellationToken stop)
    {
        if (await shapes.KnownAsync(read.Object, stop) is { } known && BulkJobs.Of(read).Count >= BulkJobs.Groups(read, known.For(read)).Count)
            return await _jobs.LookAsync(read, await objects.RowsThereAsync(read.Object, stop), stop);
        if (await SameShapeAsync(read, stop) is not { } shape)
            return null;
        try
        {
            await _jobs.CreateAsync(read, shape, stop);
        }
        catch (RestException refused) when (Outcome(read, refused) is { } outcome)
        {
            throw outcome;
        }
        CrashPoint.Hit(CrashPoints.SnapshotAfterJob);
        return null;
    }

    private async Task<TimeSpan?> MergeAsync(Read read, CancellationToken stop)
    {
        if (ReadingPlace.Parse(read.Locator).IsEnd)
            return await CloseAsync(read, stop);
        if (read.JobId == BulkJobs.ByRest && !_batches.ContainsKey(read.Id))
            return await ReadByRestAsync(read, stop);
        if (!await reads.IsDueAsync(read.Id, stop))
            return UntilDue;
        if (await SameShapeAsync(read, stop) is not { } shape)
            return null;
        var merged = await _parts.MergeAsync(
            read, token => _batches.TryGetValue(read.Id, out var batch) ? batch.ToAsyncEnumerable() : _bulkRows.ReadAsync(read, shape, sizes.PagesPerStep, token), stop);
        _batches.TryRemove(read.Id, out _);
        logger.RowsMerged(org, read.Object, merged.RowsMerged, merged.RowsExpected ?? merged.RowsMerged);
        return null;
    }

    /// <summary>Reads the next batch of an object that Bulk refuses; it waits in memory until it is due, and is read again if it does not live so long.</summary>
    private async Task<TimeSpan?> ReadByRestAsync(Read read, CancellationToken stop)
    {
        if (await SameShapeAsync(read, stop) is not { } shape)
            return null;
        var batch = new List<RowPart>();
        try
        {
            await foreach (var part in _keysetRows.ReadAsync(read, shape, stop))
                batch.Add(part);
        }
        catch (RestException refused) when (Outcome(read, refused) is { } outcome)
        {
            throw outcome;
        }
        catch (Exception unreadable) when (unreadable is UnreadableValueException or FormatException)
        {
            throw new ReadingFailedException(unreadable.Message);
        }
        _batches[read.Id] = batch;
        await reads.EndAsync(read.Id, null, stop);
        return null;
    }

    private async Task<TimeSpan?> CloseAsync(Read read, CancellationToken stop)
    {
        if (!ReadingPlace.Parse(read.Locator).IsJudged)
        {
            if (read.RowsExpected is { } expected && expected != read.RowsMerged && !PlantedBug.Is(PlantedBugs.JobRowsUncounted))
                throw new ReadingFailedException($"{read.RowsMerged} rows came of {expected}");
            if (read.Proves && await JudgeAsync(read, stop))
                return null;
        }
        if (read.Reason == DeepCount.Reason)
            await notes.CountedAsync(read, stop);
        CrashPoint.Hit(CrashPoints.SnapshotBeforeClose);
        if (!await reads.CloseAsync(read.Id, stop))
            return null;
        if (read.Proves)
            await objects.ShownAsync(read.Object, read.RowsMerged / BulkJobs.JobCount(read), stop);
        if (read is { Kind: ReadKind.Refresh, BeganAt: { } at })
            await objects.CalculatedAsync(read.Object, at, stop);
        logger.ReadingDone(org, read.Object, read.Reason, read.RowsMerged);
        return null;
    }

    /// <summary>Merges what is shown to be gone; true when there was any.</summary>
    private async Task<bool> JudgeAsync(Read read, CancellationToken stop)
    {
        Absences judged;
        try
        {
            judged = await absences.JudgeAsync(read, await ShapeAsync(read, stop), stop);
        }
        catch (RestException refused) when (Outcome(read, refused) is { } outcome)
        {
            throw outcome;
        }
        if (judged.Calls > 0)
            await notes.CallsAsync(read.Id, judged.Calls, stop);
        if (judged.Absent.Count + judged.Deleted.Count == 0)
            return false;
        logger.RecordsGone(org, read.Object, judged.Absent.Count, judged.Deleted.Count);
        var inTheBin = judged.Deleted.Select(id => new EvidenceRow(id, true, null, [])).ToList();
        await merge.MergeAsync(
            read, new EvidenceShape(read.Object, [], Complete: false), new EvidenceChunk(inTheBin, judged.Absent, ReadingPlace.Judged.ToString()), stop);
        return true;
    }

    /// <summary>What a refusal of a query means for the reading; null for what may pass.</summary>
    private static Exception? Outcome(Read read, RestException refused) =>
        refused.IsOfFields ? new ReadingFailedException($"the query is refused ({refused.Code})")
        : refused.IsOfObject ? new ObjectFrozenException($"{Visibility.NotVisible}: the object ({refused.Code})")
        : null;
}
