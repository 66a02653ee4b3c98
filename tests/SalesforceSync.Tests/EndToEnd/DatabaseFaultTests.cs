using SalesforceSync.Database;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A database that goes away under load: the worker finds back by itself, and nothing is lost or doubled.</summary>
[Collection(CrashCollection.Name)]
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

    [PostgresTheory]
    [InlineData("on")]
    // The end of the log is lost with the power then: rows and positions together, and what was received comes again.
    [InlineData("off")]
    public async Task A_power_failure_of_the_database_loses_no_change(string synchronousCommit)
    {
        await using var postgres = await LocalPostgres.StartAsync(
            new LocalPostgresOptions { Settings = new Dictionary<string, string> { ["wal_writer_delay"] = "10s", ["synchronous_commit"] = synchronousCommit } },
            TimeProvider.System, CancellationToken.None);
        await using var copy = await ProvenCopy.CreateAsync(database: await postgres.CreateDatabaseAsync("copy", CancellationToken.None));
        copy.Copied.Start();
        var order = new WorkloadOrder { Rate = 300, Options = new() { Seed = 62, MaxRecordsPerObject = 200 } };
        copy.Copied.Simulated.Workload.Start(order with { Transactions = 1_500 });
        for (var i = 0; i < 2; i++)
        {
            // The first time in the middle of the first transactions, when tables and schemas are new.
            await copy.Copied.UntilAsync($"select transactions > {500 * i} from salesforce_sync.org");
            await postgres.StopAsync(PostgresStop.Immediate, CancellationToken.None);
            await postgres.StartAgainAsync(CancellationToken.None);
            copy.Copied.Source.Clear();
        }
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
        // A process that starts anew knows only what the database says.
        (await copy.Copied.StopAsync()).ShouldBe(0);
        copy.Copied.Start();
        copy.Copied.Simulated.Workload.Start(order with { Transactions = 50 });
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.quarantine")).ShouldBe(0);
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.event where schema_id not in (select schema_id from salesforce_sync.avro_schema)"))
            .ShouldBe(0);
    }
}
