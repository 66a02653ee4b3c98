using System.Net;
using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>Two workers, one org: one copies, the other stands by; whoever lost the org writes nothing any more. Alone, because how long it takes is promised.</summary>
[Collection(AloneCollection.Name)]
public sealed class TakeOverTests(ITestOutputHelper output)
{
    private const int LeaseTaken = 7010;
    private const int StandingBy = 7011;
    private const int LeaseLost = 7012;
    private const int OrgLost = 8102;

    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(15);

    [PostgresFact]
    public async Task A_worker_that_stands_by_takes_over_from_one_that_is_killed()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = 31, MaxRecordsPerObject = 200 });
        var first = await copy.StartWorkerAsync();
        await first.UntilLoggedAsync(LeaseTaken);
        var second = await copy.StartWorkerAsync();
        await second.UntilLoggedAsync(StandingBy);
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
            var before = await copy.AppliedAsync();
            await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "the second applies");
            var took = TimeProvider.System.GetElapsedTime(killed);
            output.WriteLine($"killed: taken over after {took.TotalSeconds:0.0} s");
            took.ShouldBeLessThan(Promised);
        }
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
        copy.Simulated.Counts.Open.ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_worker_that_was_paused_past_its_lease_writes_nothing_any_more_and_stands_by()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = 32, MaxRecordsPerObject = 200 });
        var first = await copy.StartWorkerAsync();
        await first.UntilLoggedAsync(LeaseTaken);
        var second = await copy.StartWorkerAsync();
        await second.UntilLoggedAsync(StandingBy);
        await using (var load = Busy(copy))
        {
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 100, "the first applies");
            var paused = TimeProvider.System.GetTimestamp();
            await first.SignalAsync("STOP");
            await second.UntilLoggedAsync(LeaseTaken);
            var before = await copy.AppliedAsync();
            await copy.UntilAsync(async () => await copy.AppliedAsync() > before, "the second applies");
            var took = TimeProvider.System.GetElapsedTime(paused);
            output.WriteLine($"paused: taken over after {took.TotalSeconds:0.0} s");
            took.ShouldBeLessThan(Promised);

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
