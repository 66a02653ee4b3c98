using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>The power of the database's machine fails under load: nothing is lost or doubled. Alone, because what is still in memory then must not be on disk meanwhile.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class PowerFailureTests
{
    /// <summary>Log that is in the memory of the server alone, and so much of it that it holds commits.</summary>
    private const string SomethingUnwritten = "select pg_current_wal_insert_lsn() - pg_current_wal_lsn() > 50000";

    [PostgresFact]
    public Task A_power_failure_of_the_database_loses_no_change() => FailAsync(durableCommits: true, seed: 62);

    /// <summary>The end of the log goes with the power: rows and positions together, and what was received comes again.</summary>
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task A_power_failure_loses_no_change_where_commits_are_asynchronous() => FailAsync(durableCommits: false, seed: 62);

    /// <summary>Returns how often the power failed.</summary>
    internal static async Task<int> FailAsync(bool durableCommits, int seed)
    {
        var failures = 0;
        await using var postgres = await LocalPostgres.StartAsync(new() { Settings = Settings(durableCommits) }, TimeProvider.System, CancellationToken.None);
        await using var copy = await ProvenCopy.CreateAsync(database: await postgres.CreateDatabaseAsync("copy", CancellationToken.None));
        copy.Copied.Start();
        var order = new WorkloadOrder { Rate = 300, Options = new() { Seed = seed, MaxRecordsPerObject = 200 } };
        copy.Copied.Simulated.Workload.Start(order with { Transactions = 3_000 });
        var lost = 0L;
        // Again where a call was booked, which writes the whole log, just before.
        for (var i = 0; i < 2 || (!durableCommits && lost == 0 && i < 6); i++)
        {
            // The first time in the middle of the first transactions, when tables and schemas are new.
            await copy.Copied.UntilAsync($"select transactions > {400 * i} from salesforce_sync.org");
            await using var writer = durableCommits ? null : await FrozenLogWriter.OfAsync(copy.Copied);
            if (!durableCommits) await copy.Copied.UntilAsync(SomethingUnwritten);
            var starts = Starts(copy).Count;
            var received = await copy.Copied.ScalarAsync<long>("select event from salesforce_sync.cursor where stage = 'received'");
            var stopping = postgres.StopAsync(PostgresStop.Immediate, CancellationToken.None);
            if (writer is not null) await writer.DisposeAsync();
            await stopping;
            await postgres.StartAgainAsync(CancellationToken.None);
            failures++;
            copy.Copied.Source.Clear();
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (Starts(copy).Count == starts) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            lost += Math.Max(0, received - Starts(copy)[starts]);
        }
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
        (lost > 0).ShouldBe(!durableCommits, $"{lost} events were received before a power failure and not there after it");
        // A process that starts anew knows only what the database says.
        (await copy.Copied.StopAsync()).ShouldBe(0);
        copy.Copied.Start();
        copy.Copied.Simulated.Workload.Start(order with { Transactions = 50 });
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.quarantine")).ShouldBe(0);
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.event where schema_id not in (select schema_id from salesforce_sync.avro_schema)"))
            .ShouldBe(0);
        return failures;
    }

    [PostgresFact]
    public async Task A_schema_that_was_saved_and_a_call_that_was_booked_outlive_a_power_failure_even_where_commits_are_asynchronous()
    {
        await using var postgres = await LocalPostgres.StartAsync(new() { Settings = Settings(durableCommits: false) }, TimeProvider.System, CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync("schemas", CancellationToken.None) + ";Pooling=false");
        await Migrations.ApplyAsync(source, Migrations.All, NullLogger.Instance, CancellationToken.None);
        await new SchemaStore(source).SaveAsync("id", "{}", CancellationToken.None);
        await using (var org = source.CreateCommand("insert into salesforce_sync.org (name) values ('acme')")) await org.ExecuteNonQueryAsync();
        await new ApiLedger(source, new(), TimeProvider.System, NullLogger<ApiLedger>.Instance).BookAsync("acme", CallClass.Repair, CancellationToken.None);
        await using (var later = source.CreateCommand("insert into salesforce_sync.api_call (org, class, calls) values ('acme', 'later', 1)")) await later.ExecuteNonQueryAsync();
        await postgres.StopAsync(PostgresStop.Immediate, CancellationToken.None);
        await postgres.StartAgainAsync(CancellationToken.None);
        (await new SchemaStore(source).FindAsync("id", CancellationToken.None)).ShouldBe("{}");
        // The power did fail: what was committed after it is gone.
        await using var booked = source.CreateCommand("select string_agg(class, ',') from salesforce_sync.api_call");
        (await booked.ExecuteScalarAsync()).ShouldBe("repair");
    }

    /// <summary>With asynchronous commits nothing reaches the disk that is not asked to: a server that is shot loses what an operating system would have kept.</summary>
    private static Dictionary<string, string> Settings(bool durableCommits) => new()
    {
        ["synchronous_commit"] = durableCommits ? "on" : "off",
        ["wal_writer_delay"] = "10s",
        ["wal_writer_flush_after"] = "1GB",
        ["wal_buffers"] = "64MB",
        // Before a changed page is written, the log of its change is.
        ["bgwriter_lru_maxpages"] = "0",
    };

    /// <summary>The event after which each call was made, as the log says it.</summary>
    private static List<long> Starts(ProvenCopy copy) =>
        [.. copy.Copied.Log.Lines.Where(line => line.Id == 2002).Select(line => long.Parse(ResumedAfter().Match(line.Text).Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"\(event (\d+)\)$")]
    private static partial Regex ResumedAfter();
}
