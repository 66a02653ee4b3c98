using Npgsql;
using SalesforceSync.Diagnostics;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Cli.Demo;

/// <summary>The minute itself: the org is busy, the worker is disturbed, and everything is measured from outside.</summary>
internal sealed class DemoRun(DemoStage stage, DemoOrder order, IDemoScreen screen, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(250);

    /// <summary>How long nothing may be applied before the demo gives up on the worker.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long the first snapshots may take to be under way.</summary>
    private static readonly TimeSpan SnapshotPatience = TimeSpan.FromSeconds(10);

    private const int CommittedUnheard = 5;

    private readonly LagLedger _ledger = new();
    private readonly long _began = time.GetTimestamp();
    private volatile DemoFigures _figures = DemoFigures.None;
    private volatile bool _isOver;
    private int _losses;

    /// <summary>Why the repairing did not come to its end; null when it did.</summary>
    public string? Unsettled { get; private set; }

    /// <summary>Ends when the workload is over, everything of it is applied, and nothing is known to be missing or was found to be.</summary>
    /// <exception cref="DemoFailedException">It never will be; the message says why.</exception>
    public async Task<DemoFigures> RunAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        var plan = Disturbance.Plan(order.Length);
        await stage.Org.StartWorkloadAsync(Workload(order.Rate, order.Length), stop);
        screen.Announce($"the org is busy now: {order.Rate} transactions/s for {order.Seconds} s; meanwhile the worker is killed {plan.Count(d => d.Kills) + 1} times "
            + $"and its stream is cut {plan.Count(d => d.Kind == DisturbanceKind.Cut)} times, and once its replay id is lost");
        await using var loops = new TaskGroup(stop);
        loops.Start("parts", stage.WatchAsync);
        loops.Start("positions", new PositionWatch(source, _ledger, time).RunAsync);
        loops.Start("figures", token => MeasureAsync(source, token));
        loops.Start("screen", token => screen.ShowAsync(() => _figures, token));
        loops.Start("story", async token =>
        {
            await DisturbSnapshotAsync(token);
            // The worker is waited for before it is disturbed, the org's own acts are not: those after the last transaction no event would tell of.
            await Task.WhenAll(DisturbAsync(plan, token), TryAsync(plan, token));
            await CatchUpAsync(token);
            Unsettled = await new Settling(stage, source, screen, time).RunAsync(token);
            // What the screen shows last is the end.
            await LookAsync(source, token);
            loops.Cancel();
        });
        await loops.WhenAllAsync();
        await LookAsync(source, stop);
        return _figures;
    }

    /// <summary>The same options every time, so that a second order goes on where the first one ended.</summary>
    public WorkloadOrder Workload(double rate, TimeSpan? length) => new() { Rate = rate, Duration = length, Options = new WorkloadOptions { Seed = order.Seed, Hard = Hardship.Scattered } };

    /// <summary>The first kill strikes while snapshots are read and merged, and the stream goes on under them.</summary>
    private async Task DisturbSnapshotAsync(CancellationToken stop)
    {
        while (!_figures.Copy.IsAmidSnapshot)
        {
            // A slow machine has not merged the first row by then: it is killed while it reads.
            if (time.GetElapsedTime(_began) > SnapshotPatience)
                break;
            if (_figures.Copy is { SnapshotsOpen: 0, SnapshotsDone: > 0 })
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stop);
        }
        await KillAsync(stop);
        _ledger.Disturbed(PositionWatch.Now(time));
    }

    private async Task DisturbAsync(IReadOnlyList<Disturbance> plan, CancellationToken stop)
    {
        foreach (var disturbance in plan.Where(d => d.Kind != DisturbanceKind.Hardship))
        {
            await DueAsync(disturbance, stop);
            await AtWorkAsync(stop);
            await (disturbance.Kind switch
            {
                DisturbanceKind.Kill => KillAsync(stop),
                DisturbanceKind.Cut => CutAsync(stop),
                _ => LoseAsync(stop),
            });
            _ledger.Disturbed(PositionWatch.Now(time));
        }
    }

    private async Task DueAsync(Disturbance disturbance, CancellationToken stop)
    {
        var wait = disturbance.At - time.GetElapsedTime(_began);
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, time, stop);
    }

    /// <summary>The org forgets what it said while there was no worker to hear it, as after three days.</summary>
    private async Task LoseAsync(CancellationToken stop)
    {
        await KillAsync(stop);
        // What is committed until then is heard by nobody, even when the workload is over: the new worker has not signed in yet.
        await stage.Org.CommitAsync(HardKind.LateStamp, CommittedUnheard, stop);
        // When the org spoke is asked before it forgets it.
        await LearnCommitsAsync(stop);
        await stage.Org.ArmAsync(FaultKind.ExpireReplayIds, new FaultOrder(), stop);
        // The workload may be over: without an event after what is forgotten there is no position for the copy to reach.
        await stage.Org.CommitAsync(HardKind.TextDifference, 1, stop);
        _losses++;
        screen.Announce("meanwhile the org forgot all its events, as it does after three days: the worker's replay id is worth nothing");
    }

    private async Task TryAsync(IReadOnlyList<Disturbance> plan, CancellationToken stop)
    {
        foreach (var hardship in plan.Where(d => d.Kind == DisturbanceKind.Hardship))
        {
            await DueAsync(hardship, stop);
            foreach (var (kind, times) in Hardship.Certain)
                await stage.Org.CommitAsync(kind, times, stop);
            screen.Announce($"the org did what events do not tell fully: {string.Join(", ", Hardship.Certain.Select(one => $"{one.Kind} {one.Times}"))}");
        }
    }

    /// <summary>A disturbance proves more when the worker is busy: it has applied something since the last one, unless nothing is left to do.</summary>
    private async Task AtWorkAsync(CancellationToken stop)
    {
        var began = time.GetTimestamp();
        for (var before = _ledger.Applied; _ledger.Applied == before && time.GetElapsedTime(began) < Patience / 3 && !IsIdle;)
            await Task.Delay(TimeSpan.FromMilliseconds(10), time, stop);
    }

    private bool IsIdle => _isOver && _ledger.Applied == _ledger.Committed;

    private async Task KillAsync(CancellationToken stop)
    {
        var (killed, moment) = (stage.WorkerId, IsIdle ? "with nothing left to do" : "in the middle of its work");
        await stage.KillWorkerAsync(stop);
        screen.Announce($"worker {killed} was killed with SIGKILL {moment}; started again as process {stage.WorkerId}");
    }

    private async Task CutAsync(CancellationToken stop)
    {
        await stage.Org.ArmAsync(FaultKind.Drop, new FaultOrder(), stop);
        screen.Announce("the TCP connection under the worker's stream was cut");
    }

    private async Task CatchUpAsync(CancellationToken stop)
    {
        while (await stage.Org.WorkloadAsync(stop) is { Running: true })
            await Task.Delay(Glance, time, stop);
        if ((await stage.Org.WorkloadAsync(stop)).Failure is { } failure)
            throw new DemoFailedException($"the workload broke: {failure}");
        _ledger.Commits(await stage.Org.CommitsAsync(_ledger.Newest, stop));
        screen.Announce($"the workload is over; waiting until all {_ledger.Committed} events are applied");
        var moved = time.GetTimestamp();
        for (var before = 0; _ledger.Applied < _ledger.Committed; await Task.Delay(TimeSpan.FromMilliseconds(20), time, stop))
        {
            if (_ledger.Applied != before)
                (before, moved) = (_ledger.Applied, time.GetTimestamp());
            if (time.GetElapsedTime(moved) > Patience)
                throw new DemoFailedException($"nothing was applied for {Patience.TotalSeconds:0} s: the copy stands at event {before} of {_ledger.Committed}");
        }
    }

    private async Task MeasureAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Glance, time);
        do
            await LookAsync(source, stop);
        while (await timer.WaitForNextTickAsync(stop));
    }

    private async Task LookAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        await LearnCommitsAsync(stop);
        var state = await stage.Org.StateAsync(stop);
        _isOver = !state.Workload.Running;
        var copy = await CopyState.ReadAsync(source, DemoStage.OrgName, stop);
        _figures = new DemoFigures(
            time.GetElapsedTime(_began), state.Transactions, state.Events, _ledger.Received, _ledger.Applied, _ledger.All(), _ledger.Undisturbed(),
            stage.Kills, state.FaultsFired.GetValueOrDefault(FaultKind.Drop), _losses, copy);
    }

    private async Task LearnCommitsAsync(CancellationToken stop)
    {
        // As many as there are: one answer is limited.
        for (var before = -1; before != _ledger.Committed;)
        {
            before = _ledger.Committed;
            _ledger.Commits(await stage.Org.CommitsAsync(_ledger.Newest, stop));
        }
    }
}
