using System.Net;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Tests.Crash;

/// <summary>Two workers and one org that is busy: the owner is killed or paused, the other takes over. Each run returns how long that took.</summary>
internal static class TakeOverRun
{
    private const int LeaseTaken = 7010;
    private const int StandingBy = 7011;
    private const int LeaseLost = 7012;
    private const int OrgLost = 8102;

    /// <summary>The owner is killed.</summary>
    public static async Task<TimeSpan> KillAsync(int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 200 });
        var (first, second) = await StartTwoAsync(copy);
        TimeSpan took;
        await using (var load = Busy(copy))
        {
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 100, "the first applies");
            (await ReadyAsync(second)).ShouldBe(HttpStatusCode.OK);
            copy.Simulated.Counts.MostOpen.ShouldBe(1);
            second.Logged(LeaseTaken).ShouldBe(0);
            var epoch = await EpochAsync(copy);

            var killed = TimeProvider.System.GetTimestamp();
            await first.KillAsync();
            // Not by what is applied alone: a commit that had left the first worker may end after it.
            await copy.UntilAsync(async () => await EpochAsync(copy) == epoch + 1, "the second owns the org");
            took = await AppliesAsync(copy, killed);
        }
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        copy.Simulated.Counts.Open.ShouldBe(1);
        return took;
    }

    /// <summary>The owner is paused past its lease, wakes up fenced, stands by, and takes its turn when the other ends.</summary>
    public static async Task<TimeSpan> PauseAsync(int seed)
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = seed, MaxRecordsPerObject = 200 });
        var (first, second) = await StartTwoAsync(copy);
        TimeSpan took;
        await using (var load = Busy(copy))
        {
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 100, "the first applies");
            var paused = TimeProvider.System.GetTimestamp();
            await first.SignalAsync("STOP");
            await second.UntilLoggedAsync(LeaseTaken);
            took = await AppliesAsync(copy, paused);

            var epoch = await EpochAsync(copy);
            await first.SignalAsync("CONT");
            await first.UntilLoggedAsync(StandingBy);
            (first.Logged(LeaseLost) + first.Logged(OrgLost)).ShouldBeGreaterThan(0, first.ToString());
            first.Logged(LeaseTaken).ShouldBe(1);
            (await EpochAsync(copy)).ShouldBe(epoch);
            await copy.UntilAsync(() => Task.FromResult(copy.Simulated.Counts.Open == 1), "the fenced worker has left the stream");
        }
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();

        (await second.TerminateAsync()).ShouldBe(0, second.ToString());
        await first.UntilLoggedAsync(LeaseTaken, times: 2);
        copy.Load.Commit(200);
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        return took;
    }

    private static async Task<(WorkerProcess First, WorkerProcess Second)> StartTwoAsync(WatchedCopy copy)
    {
        var first = await copy.StartWorkerAsync();
        await first.UntilLoggedAsync(LeaseTaken);
        var second = await copy.StartWorkerAsync();
        await second.UntilLoggedAsync(StandingBy);
        return (first, second);
    }

    private static async Task<TimeSpan> AppliesAsync(WatchedCopy copy, long since)
    {
        var before = await copy.AppliedAsync();
        await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "the second applies");
        return TimeProvider.System.GetElapsedTime(since);
    }

    private static TaskGroup Busy(WatchedCopy copy)
    {
        var load = new TaskGroup(CancellationToken.None);
        load.Start("load", stop => copy.Load.RunAsync(long.MaxValue, 200, () => long.MaxValue, stop));
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
