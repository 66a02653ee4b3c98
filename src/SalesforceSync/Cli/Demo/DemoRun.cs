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

    private const string Torn = "select torn from salesforce_sync.org where name = $1";

    private readonly LagLedger _ledger = new();
    private readonly long _began = time.GetTimestamp();
    private volatile DemoFigures _figures = DemoFigures.None;
    private volatile bool _isOver;

    /// <summary>Ends when the workload is over and everything of it is applied.</summary>
    /// <exception cref="DemoFailedException">It never will be; the message says why.</exception>
    public async Task<DemoFigures> RunAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        var plan = Disturbance.Plan(order.Length);
        await stage.Org.StartWorkloadAsync(Workload(order.Rate, order.Length), stop);
        screen.Announce($"the org is busy now: {order.Rate} transactions/s for {order.Seconds} s; meanwhile the worker is killed {plan.Count(d => d.Kind == DisturbanceKind.Kill)} times "
            + $"and its stream is cut {plan.Count(d => d.Kind == DisturbanceKind.Cut)} times");
        await using var loops = new TaskGroup(stop);
        loops.Start("parts", stage.WatchAsync);
        loops.Start("positions", new PositionWatch(source, _ledger, time).RunAsync);
        loops.Start("figures", token => MeasureAsync(source, token));
        loops.Start("screen", token => screen.ShowAsync(() => _figures, token));
        loops.Start("story", async token =>
        {
            await DisturbAsync(plan, token);
            await CatchUpAsync(token);
            // What the screen shows last is the end.
            await LookAsync(source, token);
            loops.Cancel();
        });
        await loops.WhenAllAsync();
        await LookAsync(source, stop);
        return _figures;
    }

    /// <summary>The same options every time, so that a second order goes on where the first one ended.</summary>
    public WorkloadOrder Workload(double rate, TimeSpan? length) => new() { Rate = rate, Duration = length, Options = new WorkloadOptions { Seed = order.Seed } };

    private async Task DisturbAsync(IReadOnlyList<Disturbance> plan, CancellationToken stop)
    {
        foreach (var disturbance in plan)
        {
            var wait = disturbance.At - time.GetElapsedTime(_began);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time, stop);
            await AtWorkAsync(stop);
            if (disturbance.Kind == DisturbanceKind.Kill)
                await KillAsync(stop);
            else
                await CutAsync(stop);
            _ledger.Disturbed(PositionWatch.Now(time));
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
        // As many as there are: one answer is limited.
        for (var before = -1; before != _ledger.Committed;)
        {
            before = _ledger.Committed;
            _ledger.Commits(await stage.Org.CommitsAsync(_ledger.Newest, stop));
        }
        var state = await stage.Org.StateAsync(stop);
        _isOver = !state.Workload.Running;
        await using var command = source.CreateCommand(Torn);
        command.Parameters.Add(new() { Value = DemoStage.OrgName });
        var torn = await command.ExecuteScalarAsync(stop) as long? ?? 0;
        _figures = new DemoFigures(
            time.GetElapsedTime(_began), state.Transactions, state.Events, _ledger.Received, _ledger.Applied, _ledger.All(), _ledger.Undisturbed(),
            stage.Kills, state.FaultsFired.GetValueOrDefault(FaultKind.Drop), torn);
    }
}
