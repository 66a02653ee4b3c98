using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>
/// Compares the org's tables with Salesforce, on schedule and when asked: what changed without an event, was deleted for good, or never arrived is found here
/// and nowhere else (rule E8). What it finds becomes verdicts and repairs; an object is proven when none of them is left. One comparison per object at a
/// time, none while a snapshot of the object is open.
/// </summary>
internal sealed class SweepLoop(
    OrgOptions options, Reads reads, SweepStore store, SweepReading reading, Suspects suspects, Visibility visibility,
    FrozenWatch frozen, Lookout lookout, TimeProvider time, ILogger logger)
{
    /// <summary>The reason of a reading that nobody waits for.</summary>
    public const string Scheduled = "scheduled";

    private const int MostTries = 6;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(30);

    // An event tells its commit in whole seconds.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, (DateTimeOffset At, int Failures)> _later = [];
    private bool _mayBeOver = true;

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            if (!await StepAsync(stop))
                await lookout.WaitAsync(Interval, stop);
        }
    }

    /// <summary>Does one bounded piece of work; false when there is none just now.</summary>
    /// <exception cref="Database.OwnershipLostException">Another process owns the org.</exception>
    /// <exception cref="SignInRefusedException">A person has to act.</exception>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        if (await AskAsync(stop) || await frozen.StepAsync(stop))
            return true;
        var open = await reads.OpenAsync(stop);
        foreach (var read in open.Where(r => r.Kind == ReadKind.Sweep))
        {
            if (_later.TryGetValue(read.Id, out var later) && later.At > time.GetUtcNow())
                continue;
            if (read.State == ReadState.Waiting && open.Any(o => o.Object == read.Object && IsBefore(o, read)))
                continue;
            if (await TryAdvanceAsync(read, stop))
                return true;
        }
        return await DateAsync(stop);
    }

    /// <summary>A snapshot compares more than we do, and one comparison at a time is enough.</summary>
    private static bool IsBefore(Read other, Read read) =>
        other.Kind == ReadKind.Snapshot || (other.Kind == ReadKind.Sweep && other.Id != read.Id && other.State != ReadState.Waiting);

    /// <summary>Asks for what the schedule wants; a run that was missed is made up for once, however many were.</summary>
    private async Task<bool> AskAsync(CancellationToken stop)
    {
        var now = time.GetUtcNow();
        if (options.Sweep?.Last(now) is not { } due || await store.DueAsync(due, now, stop) is not { } next)
            return false;
        if (options.Objects.For(next.Object).Include)
        {
            if (!await store.HasOpenAsync(next.Object, ReadKind.Sweep, stop))
                await reads.RequestAsync(new(next.Object, next.Channel, ReadKind.Sweep, Scheduled, Proves: true), stop);
            if (options.Formulas == FormulaPolicy.Refresh && !await store.HasOpenAsync(next.Object, ReadKind.Refresh, stop))
                await reads.RequestAsync(new(next.Object, next.Channel, ReadKind.Refresh, Scheduled), stop);
        }
        await store.AskedAsync(next.Object, due, stop);
        return true;
    }

    private async Task<bool> TryAdvanceAsync(Read read, CancellationToken stop)
    {
        try
        {
            var step = await AdvanceAsync(read, stop);
            if (step == Step.Done)
                _later.Remove(read.Id);
            return step == Step.Done;
        }
        catch (BudgetSpentException spent)
        {
            _later[read.Id] = (spent.Until, 0);
            await store.SayAsync(read.Id, spent.Message, stop);
            logger.Waits(options.Name, read.Object, spent.Until, spent.Message);
            return false;
        }
        catch (Exception failure) when (failure is RestException or ReadingFailedException or SalesforceUnreachableException or SignInUnavailableException or FormatException
            or Protocol.GrpcException)
        {
            await DelayAsync(read, failure, stop);
            return true;
        }
    }

    private async Task<Step> AdvanceAsync(Read read, CancellationToken stop)
    {
        if (await store.TargetAsync(read.Object, stop) is not { } target || target.State == "paused" || !options.Objects.For(read.Object).Include)
            return await GiveUpAsync(read, "the object is not copied", stop);
        if (read.State != ReadState.Merging)
            target = target with { Fields = read.State == ReadState.Reading ? read.Fields : await visibility.BaselineAsync(read.Object, stop) };
        return read.State switch
        {
            ReadState.Waiting => await BeginAsync(read, target, stop),
            ReadState.Reading => await ReadAsync(read, target, stop),
            _ => await CompareAsync(read, target, stop),
        };
    }

    private async Task<Step> BeginAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        if (target.State == "frozen")
            return await ThawAsync(read, target, stop);
        if (target.Fields is null)
        {
            var seen = await visibility.LookAsync(read.Object, stop);
            if (seen.Shape is not { } shape)
                return await FreezeAsync(read, seen.Reason, stop);
            reading.Know(shape);
            target = target with { Fields = shape.Fields };
        }
        return await reading.BeginAsync(read, target, stop);
    }

    /// <summary>Nothing is judged of a frozen object; who asks by hand has just given a permission back.</summary>
    private async Task<Step> ThawAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        if (read.Reason == Scheduled || target.StateReason?.StartsWith(Visibility.NotVisible, StringComparison.Ordinal) != true)
            return await GiveUpAsync(read, $"the object is frozen: {target.StateReason}", stop);
        var seen = await visibility.LookAsync(read.Object, stop);
        if (!seen.IsWhole)
            return await FreezeAsync(read, seen.Reason, stop);
        await visibility.ThawAsync(read.Object, target.Channel, stop);
        return await GiveUpAsync(read, "everything is visible again: a snapshot of the object is under way", stop);
    }

    private async Task<Step> ReadAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        try
        {
            return await reading.ReadAsync(read, target, stop);
        }
        catch (Exception refused) when (refused is RestException { IsOfFields: true } or RestException { IsOfObject: true } or ReadingFailedException && read.Tries < MostTries)
        {
            return await LookAsync(read, target, stop);
        }
    }

    /// <summary>The query names something that is not to be seen: is it hidden, gone, or was it never there?</summary>
    private async Task<Step> LookAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        var seen = await visibility.LookAsync(read.Object, stop);
        if (!seen.IsWhole)
            return await FreezeAsync(read, seen.Reason, stop);
        if (seen.Gone.Count > 0)
            logger.FieldsGone(options.Name, read.Object, string.Join(", ", seen.Gone));
        reading.Know(seen.Shape!);
        reading.Forget(read.Id);
        await reads.RestartAsync(read.Id, "described again", stop);
        await reading.BeginAsync(read, target with { Fields = seen.Shape!.Fields }, stop);
        return Step.Done;
    }

    private async Task<Step> CompareAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        if (!await reads.IsDueAsync(read.Id, stop))
            return Step.Waits;
        if (!await store.IsComparedAsync(read.Id, stop))
        {
            var counts = await store.CompareAsync(read.Id, target, Slack, stop);
            CrashPoint.Hit(CrashPoints.SweepAfterCompare);
            logger.Compared(options.Name, read.Object, counts.Here, counts.There, counts.Changed, counts.Missing, counts.Deleted, counts.Absent);
            return Step.Done;
        }
        if (!await suspects.AreJudgedAsync(read, stop))
            return await JudgeAsync(read, target, stop);
        if (await suspects.HandOnAsync(read, stop))
            return Step.Done;
        await store.CountedAsync(read.Id, stop);
        CrashPoint.Hit(CrashPoints.SweepBeforeClose);
        await reads.CloseAsync(read.Id, stop);
        _mayBeOver = true;
        return Step.Done;
    }

    private async Task<Step> JudgeAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        try
        {
            await suspects.JudgeAsync(read, reading.ShapeOf(target with { Fields = read.Fields }), stop);
            return Step.Done;
        }
        catch (ObjectFrozenException tooMany)
        {
            return await FreezeAsync(read, tooMany.Message, stop);
        }
    }

    private async Task<Step> FreezeAsync(Read read, string reason, CancellationToken stop)
    {
        await visibility.FreezeAsync(read.Object, reason, stop);
        return await GiveUpAsync(read, reason, stop);
    }

    /// <summary>Dates what has nothing left to repair.</summary>
    private async Task<bool> DateAsync(CancellationToken stop)
    {
        if (!_mayBeOver)
            return false;
        foreach (var (name, provenAt) in await store.OverAsync(stop))
        {
            if (provenAt is { } at)
                logger.Proven(options.Name, name, at);
        }
        _mayBeOver = await store.IsPendingAsync(stop);
        return false;
    }

    private async Task DelayAsync(Read read, Exception failure, CancellationToken stop)
    {
        var failures = _later.GetValueOrDefault(read.Id).Failures + 1;
        if (failures >= MostTries)
        {
            await GiveUpAsync(read, failure.Message, stop);
            return;
        }
        var delay = FirstDelay * Math.Pow(4, failures - 1);
        _later[read.Id] = (time.GetUtcNow() + (delay < LongestDelay ? delay : LongestDelay), failures);
        logger.Waits(options.Name, read.Object, _later[read.Id].At, failure.Message);
        if (failure is ReadingFailedException or FormatException)
            await reads.RestartAsync(read.Id, failure.Message, stop);
        else
            await store.SayAsync(read.Id, failure.Message, stop);
    }

    private async Task<Step> GiveUpAsync(Read read, string reason, CancellationToken stop)
    {
        reading.Forget(read.Id);
        _later.Remove(read.Id);
        await reads.FailAsync(read.Id, reason, stop);
        logger.GivenUp(options.Name, read.Object, reason);
        return Step.Done;
    }
}
