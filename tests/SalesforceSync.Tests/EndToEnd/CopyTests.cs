using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

public class CopyTests
{
    [PostgresFact]
    public async Task A_busy_org_is_copied_exactly()
    {
        await using var copied = await CopiedOrg.CreateAsync();
        copied.Start();
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 7 });
        for (var i = 0; i < 2_000; i++)
            workload.Next();
        await copied.CaughtUpAsync();
        await copied.ShouldEqualTruthAsync();
        (await copied.ScalarAsync<long>("select torn from salesforce_sync.org")).ShouldBe(0);
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.quarantine")).ShouldBe(0);
        (await copied.StopAsync()).ShouldBe(0);
    }
}
