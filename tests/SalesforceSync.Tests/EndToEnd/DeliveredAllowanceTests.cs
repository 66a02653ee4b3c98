using SalesforceSync.Simulator.Faults;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

public sealed class DeliveredAllowanceTests
{
    [PostgresFact]
    public async Task An_org_whose_deliveries_are_used_up_is_waited_for_and_resumed_where_it_stopped()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Simulated.Faults.Arm(FaultKind.StreamError, new() { AfterEvents = 60, ErrorCode = "subscription.limit.exceeded" });
        copy.Commit(300);
        copy.Copied.Start();
        await UntilAsync(copy, () => copy.Copied.Log.Lines.Any(l => l.Id == 2006));
        // A person reads why, and that it passes; the pause is a quarter of an hour, which a restart does not wait for.
        copy.Copied.Log.Lines.Where(l => l.Id == 2006).ShouldHaveSingleItem().Text.ShouldContain("subscription.limit.exceeded");
        copy.Copied.Simulated.Counts.Subscribes.ShouldBe(1);
        (await copy.Copied.StopAsync()).ShouldBe(0);
        copy.Copied.Start();
        await copy.ShouldBeExactAsync();
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.coverage where state = 'gap'")).ShouldBe(0);
        // What is sent twice is billed twice; what was stored is nothing to us.
        copy.Copied.Simulated.Faults.Arm(FaultKind.DuplicateBatch, new() { AfterEvents = 10 });
        copy.Commit(100);
        await copy.ShouldBeExactAsync();
        await copy.Copied.StopAsync();
        (await copy.Copied.ScalarAsync<long>("select sum(events)::bigint from salesforce_sync.delivered")).ShouldBe(copy.Copied.Simulated.Counts.Delivered);
    }

    private static async Task UntilAsync(ProvenCopy copy, Func<bool> happened)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !happened();)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(30), copy.Copied.Log.ToString());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }
}
