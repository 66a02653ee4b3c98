using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>How the program ends, seen from outside.</summary>
public sealed class ProcessEndTests(ITestOutputHelper output)
{
    private const string Sessions = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'salesforce-sync'";

    [PostgresFact]
    public async Task Sigterm_under_load_ends_in_time_with_0_and_leaves_no_transaction_open()
    {
        await using var copy = await WatchedCopy.CreateAsync(new() { Seed = 41, MaxRecordsPerObject = 200 });
        var worker = await copy.StartWorkerAsync();
        await using (var load = new TaskGroup(CancellationToken.None))
        {
            load.Start("load", stop => copy.Load.RunAsync(long.MaxValue, 500, () => long.MaxValue, stop));
            await copy.UntilAsync(async () => await copy.AppliedAsync() > 200, "the worker applies");
            (await copy.CountAsync(Sessions)).ShouldBeGreaterThan(0);
            var told = TimeProvider.System.GetTimestamp();
            (await worker.TerminateAsync()).ShouldBe(0, worker.ToString());
            var took = TimeProvider.System.GetElapsedTime(told);
            output.WriteLine($"ended {took.TotalSeconds:0.00} s after SIGTERM");
            took.ShouldBeLessThan(TimeSpan.FromSeconds(10));
            await copy.UntilAsync(async () => await copy.CountAsync(Sessions) == 0, "the sessions of the worker are gone");
            // Told, not overdue: everything came to its end by itself.
            worker.Logged(9003).ShouldBe(0);
            (await copy.IsBehindAsync()).ShouldBeTrue();
        }
        await copy.StartWorkerAsync();
        await copy.CaughtUpAsync();
        await copy.ShouldBeExactAsync();
    }

    [Fact]
    public async Task A_wrong_configuration_ends_with_2_and_names_every_fault()
    {
        await using var worker = await WorkerProcess.StartAsync(new Dictionary<string, string>
        {
            ["Orgs__acme__LoginUrl"] = "http://login.example.com",
            ["Orgs__acme__Auth__ClientId"] = "client",
            ["Orgs__acme__Auth__ClientSecret"] = "very-secret",
            ["Orgs__acme__QuietPeriod"] = "soon",
            ["Orgs__acme__Colour"] = "green",
            ["Http__Port"] = "99999",
        });
        (await worker.EndedAsync()).ShouldBe(2, worker.ToString());
        foreach (var key in (string[])["ConnectionStrings:Postgres", "Orgs:acme:LoginUrl", "Orgs:acme:QuietPeriod", "Orgs:acme:Colour", "Http:Port"])
            worker.Errors.Split('\n').ShouldContain(line => line.StartsWith(key + ": ", StringComparison.Ordinal), worker.Errors);
        (worker.Errors + worker.Output).ShouldNotContain("very-secret");
    }
}
