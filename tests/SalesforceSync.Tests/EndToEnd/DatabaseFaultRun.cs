using System.Diagnostics;
using Dapper;
using Npgsql;
using SalesforceSync.Database;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What befalls the database while the worker writes.</summary>
internal enum DatabaseFault
{
    /// <summary>The worker's sessions are ended by an administrator.</summary>
    SessionsEnded,

    /// <summary>One session's process is killed; the server throws out all others and recovers.</summary>
    SessionKilled,

    /// <summary>The server's first process is killed, and it is started again.</summary>
    ServerKilled,
}

/// <summary>An org is copied under load while its database suffers the same fault again and again; in the end the copy is exact.</summary>
internal static class DatabaseFaultRun
{
    private const string Applied = "select transactions from salesforce_sync.org";

    private const string Terminate = """
        select count(pg_terminate_backend(pid)) > 0 from pg_stat_activity where datname = current_database() and application_name = 'salesforce-sync'
        """;

    private const string OneSession = "select pid from pg_stat_activity where datname = current_database() and application_name = 'salesforce-sync' order by random() limit 1";

    /// <param name="postgres">The server; only sessions can be ended without one of one's own.</param>
    /// <returns>How many transactions the org committed meanwhile.</returns>
    public static async Task<long> LiveAsync(DatabaseFault fault, int seed, int times, int transactions, LocalPostgres? postgres = null)
    {
        var database = postgres is null ? null : await postgres.CreateDatabaseAsync($"copy_{seed}", CancellationToken.None);
        await using var copy = await ProvenCopy.CreateAsync(database: database);
        copy.Copied.Start();
        var order = new WorkloadOrder { Rate = 300, Options = new() { Seed = seed, MaxRecordsPerObject = 200 } };
        copy.Copied.Simulated.Workload.Start(order with { Transactions = transactions });
        await copy.Copied.UntilAsync("select transactions > 0 from salesforce_sync.org");
        for (var i = 0; i < times; i++)
        {
            if (i > 0)
            {
                var before = await copy.Copied.ScalarAsync<long>(Applied);
                await copy.Copied.UntilAsync($"select transactions > {before} from salesforce_sync.org");
            }
            await StrikeAsync(fault, copy.Copied, postgres);
        }
        await copy.Copied.Simulated.Workload.Completion;
        await copy.ShouldBeExactAsync();
        return copy.Org.Transactions;
    }

    private static async Task StrikeAsync(DatabaseFault fault, CopiedOrg copied, LocalPostgres? postgres)
    {
        switch (fault)
        {
            case DatabaseFault.SessionsEnded:
                // A commit that overtook the time before may have been the last of its session: then there is none for a moment.
                await copied.UntilAsync(Terminate);
                return;
            case DatabaseFault.SessionKilled:
                await KillSessionAsync(copied);
                break;
            default:
                await postgres!.StopAsync(PostgresStop.Killed, CancellationToken.None);
                await StartAsync(postgres);
                break;
        }
        await AnswersAsync(copied);
    }

    // The server goes on answering until it has noticed; then it throws out everybody.
    private static async Task KillSessionAsync(CopiedOrg copied)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var witness = await copied.Source.OpenConnectionAsync(deadline.Token);
        var session = (await copied.ScalarAsync<int?>(OneSession)).ShouldNotBeNull();
        using (var kill = Process.Start("kill", ["-KILL", $"{session}"]))
        {
            await kill.WaitForExitAsync(deadline.Token);
            kill.ExitCode.ShouldBe(0);
        }
        try
        {
            while (true) await witness.ExecuteScalarAsync<int>(new CommandDefinition("select 1 from pg_sleep(0.01)", cancellationToken: deadline.Token));
        }
        catch (NpgsqlException)
        {
            // Thrown out.
        }
    }

    // The processes of sessions outlive the first one for a moment, and with them the memory they share: no server starts before it is free.
    internal static async Task StartAsync(LocalPostgres postgres)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await postgres.StartAgainAsync(deadline.Token);
                return;
            }
            catch (InvalidOperationException stillThere) when (stillThere.Message.Contains("shared memory", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, deadline.Token);
            }
        }
    }

    private static async Task AnswersAsync(CopiedOrg copied)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            copied.Source.Clear();
            try
            {
                await copied.ScalarAsync<int>("select 1");
                return;
            }
            catch (NpgsqlException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
            }
        }
    }
}
