using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A database that goes away under load: the worker finds back by itself, and nothing is lost or doubled.</summary>
public sealed class DatabaseFaultTests
{
    private const string Applied = "select transactions from salesforce_sync.org";

    private const string Terminate = """
        select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name = 'salesforce-sync'
        """;

    [PostgresFact]
    public async Task Sessions_that_are_ended_under_load_are_opened_again()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var order = new WorkloadOrder { Rate = 300, Options = new() { Seed = 61, MaxRecordsPerObject = 200 } };
        copy.Copied.Simulated.Workload.Start(order with { Transactions = 2_000 });
        await copy.Copied.UntilAsync("select transactions > 0 from salesforce_sync.org");
        for (var i = 0; i < 5; i++)
        {
            var before = await copy.Copied.ScalarAsync<long>(Applied);
            await copy.Copied.UntilAsync($"select transactions > {before} from salesforce_sync.org");
            (await copy.Copied.ScalarAsync<long>(Terminate)).ShouldBeGreaterThan(0);
        }
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
    }
}
