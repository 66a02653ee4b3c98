using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>How often, under how much work, and from which seed. Disarmed, the loop does everything but kill.</summary>
internal sealed record KillLoopOrder(int Seed, int Kills, int Transactions)
{
    public double Rate { get; init; } = 600;

    public bool IsArmed { get; init; } = true;
}

/// <summary>What a kill loop did, and what is wrong with the copy after it.</summary>
/// <param name="Behind">Kills that came while transactions were under way.</param>
/// <param name="Moments">How many kills came when.</param>
internal sealed record KillLoopResult(
    int Kills, int Behind, IReadOnlyDictionary<string, int> Moments, long Transactions, long Events, long Effects, long Subscribes, Onlooker Onlooker, CopyFaults Faults)
{
    public override string ToString() => $"""
        {Transactions} transactions, {Events} events, {Effects} effects
        {Kills} kills, {Behind} of them with transactions under way; {Subscribes} subscriptions
        {Onlooker.Looks} snapshots, {Onlooker.Changes} changes seen, {Onlooker.Torn.Count} torn
        {Faults}
        """;

    /// <summary>Nothing was lost, doubled, torn or out of order.</summary>
    public void ShouldBeExact()
    {
        Faults.Any.ShouldBeFalse($"{this}");
        Onlooker.Torn.ShouldBeEmpty();
    }

    /// <summary>A loop that killed only idle workers, or an onlooker that saw nothing, would prove nothing.</summary>
    public void ShouldProveSomething(int kills)
    {
        Kills.ShouldBe(kills);
        Behind.ShouldBeGreaterThan(kills * 2 / 3);
        Onlooker.Changes.ShouldBeGreaterThan(kills);
    }
}

/// <summary>Kills one worker after the other at random moments while the org works on, and compares what the last one leaves.</summary>
internal sealed class KillLoop(KillLoopOrder order)
{
    // Ids of what a worker logs on its way up: it owns the org; it is subscribed.
    private const int LeaseTaken = 7010;
    private const int Subscribed = 1001;

    private readonly Random _random = new(order.Seed);
    private readonly Dictionary<string, int> _moments = [];
    private int _rounds;
    private int _behind;
    private int _kills;

    public async Task<KillLoopResult> RunAsync()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = order.Seed });
        var onlooker = new Onlooker(copy.Source, WatchedCopy.Schema, copy.Load.Marked);
        await using (var beside = new TaskGroup(CancellationToken.None))
        {
            beside.Start("onlooker", onlooker.RunAsync);
            // Two portions ahead of the kills: there is something under way when one comes, however slow the machine.
            var load = new TaskCompletionSource();
            beside.Start("load", async stop =>
            {
                await copy.Load.RunAsync(order.Transactions, order.Rate, () => (Volatile.Read(ref _rounds) + 2L) * order.Transactions / (order.Kills + 2), stop);
                load.SetResult();
            });
            WorkerProcess? worker = null;
            for (; _rounds < order.Kills; Interlocked.Increment(ref _rounds))
            {
                if (worker is null || order.IsArmed) worker = await copy.StartWorkerAsync();
                var moment = await WaitForItsMomentAsync(copy, worker);
                if (order.IsArmed) await KillAsync(copy, worker, moment);
            }
            if (order.IsArmed) await copy.StartWorkerAsync();
            await load.Task.WaitAsync(beside.Stop);
            await copy.CaughtUpAsync();
        }
        return new(_kills, _behind, _moments, copy.Load.Committed, copy.Simulated.Org.Bus.EventCount, await copy.Ledger.CountAsync(), copy.Simulated.Counts.Subscribes, onlooker, await copy.FaultsAsync());
    }

    private async Task KillAsync(WatchedCopy copy, WorkerProcess worker, string moment)
    {
        if (await copy.IsBehindAsync()) _behind++;
        await worker.KillAsync();
        (await worker.EndedAsync()).ShouldBe(WorkerProcess.Killed, worker.ToString());
        _kills++;
        _moments[moment] = _moments.GetValueOrDefault(moment) + 1;
    }

    /// <summary>Right after the start, while it recovers, or some time after it has applied something.</summary>
    private async Task<string> WaitForItsMomentAsync(WatchedCopy copy, WorkerProcess worker)
    {
        var moment = "applying";
        switch (_random.Next(6))
        {
            case 0:
                moment = "starting";
                break;
            case 1:
                (moment, var logged) = _random.Next(2) == 0 ? ("lease taken", LeaseTaken) : ("subscribed", Subscribed);
                await worker.UntilLoggedAsync(logged);
                break;
            default:
                var before = await copy.AppliedAsync();
                await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "a started worker applies");
                break;
        }
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(400)), TimeProvider.System, CancellationToken.None);
        return moment;
    }
}
