using System.Net;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>Several workers and one org that is busy: the owner is killed or paused, one of the others takes over. Each run returns how long that took.</summary>
internal static class TakeOverRun
{
    /// <summary>Transactions per second, of a run that has the machine to itself.</summary>
    private const double Busiest = 200;

    private const int LeaseTaken = 7010;
    private const int StandingBy = 7011;
    private const int LeaseLost = 7012;
    private const int OrgLost = 8102;

    /// <summary>The owner is killed.</summary>
    /// <param name="standbys">How many wait for it.</param>
    /// <param name="rate">Transactions per second.</param>
    public static async Task<TimeSpan> KillAsync(int seed, int standbys, double rate = Busiest)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 200 });
        var (first, others) = await StartAsync(copy, standbys);
        TimeSpan took;
        await using (var load = Busy(copy, rate))
        {
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 100, "the first applies");
            foreach (var other in others)
                (await ReadyAsync(other)).ShouldBe(HttpStatusCode.OK);
            copy.Simulated.Counts.MostOpen.ShouldBe(1);
            others.Sum(Takes).ShouldBe(0);
            var epoch = await EpochAsync(copy);

            var killed = TimeProvider.System.GetTimestamp();
            await first.KillAsync();
            // Not by what is applied alone: a commit that had left the first worker may end after it.
            await copy.UntilAsync(async () => await EpochAsync(copy) == epoch + 1, "another owns the org");
            took = await AppliesAsync(copy, killed);
        }
        others.Sum(Takes).ShouldBe(1);
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        copy.Simulated.Counts.Open.ShouldBe(1);
        return took;
    }

    /// <summary>The owner is paused past its lease, wakes up fenced, and stands by; when the one that took over ends, it is the turn of one of those that are left.</summary>
    /// <param name="standbys">How many wait for it.</param>
    /// <param name="rate">Transactions per second.</param>
    public static async Task<TimeSpan> PauseAsync(int seed, int standbys, double rate = Busiest)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 200 });
        var (first, others) = await StartAsync(copy, standbys);
        TimeSpan took;
        WorkerProcess next;
        await using (var load = Busy(copy, rate))
        {
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 100, "the first applies");
            var paused = TimeProvider.System.GetTimestamp();
            await first.SignalAsync("STOP");
            await copy.UntilAsync(() => Task.FromResult(others.Sum(Takes) > 0), "another takes over");
            next = others.Single(other => Takes(other) == 1);
            took = await AppliesAsync(copy, paused);

            var epoch = await EpochAsync(copy);
            await first.SignalAsync("CONT");
            await first.UntilLoggedAsync(StandingBy);
            (first.Logged(LeaseLost) + first.Logged(OrgLost)).ShouldBeGreaterThan(0, first.ToString());
            (Takes(first) + others.Sum(Takes)).ShouldBe(2);
            (await EpochAsync(copy)).ShouldBe(epoch);
            await copy.UntilAsync(() => Task.FromResult(copy.Simulated.Counts.Open == 1), "the fenced worker has left the stream");
        }
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();

        (await next.TerminateAsync()).ShouldBe(0, next.ToString());
        await copy.UntilAsync(() => Task.FromResult(Takes(first) + others.Sum(Takes) == 3), "somebody takes its turn");
        Takes(next).ShouldBe(1);
        copy.Load.Commit(200);
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        return took;
    }

    private static async Task<(WorkerProcess First, IReadOnlyList<WorkerProcess> Others)> StartAsync(WatchedCopy copy, int standbys)
    {
        var first = await copy.StartWorkerAsync();
        await first.UntilLoggedAsync(LeaseTaken);
        var others = new List<WorkerProcess>();
        while (others.Count < standbys)
        {
            others.Add(await copy.StartWorkerAsync());
            await others[^1].UntilLoggedAsync(StandingBy);
        }
        return (first, others);
    }

    private static int Takes(WorkerProcess worker) => worker.Logged(LeaseTaken);

    private static async Task<TimeSpan> AppliesAsync(WatchedCopy copy, long since)
    {
        var before = await copy.AppliedAsync();
        await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "who took over applies");
        return TimeProvider.System.GetElapsedTime(since);
    }

    private static TaskGroup Busy(WatchedCopy copy, double rate)
    {
        var load = new TaskGroup(CancellationToken.None);
        load.Start("load", stop => copy.Load.RunAsync(long.MaxValue, rate, () => long.MaxValue, stop));
        return load;
    }

    private static Task<long> EpochAsync(WatchedCopy copy) => copy.CountAsync("select epoch from salesforce_sync.org");

    private static async Task<HttpStatusCode> ReadyAsync(WorkerProcess worker)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{await worker.PortAsync()}/health/ready"));
        return answer.StatusCode;
    }
}
