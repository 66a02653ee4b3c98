using System.Net;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Configuration;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Status;
using SalesforceSync.Tests.Chaos;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Month;
using SalesforceSync.Tests.Simulator;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>An hour of nothing but failures is a handful of lines with counts. Real loops, real sockets; the hour is the simulator's clock.</summary>
public class OutageLogTests(ITestOutputHelper output)
{
    private const int Handful = 20;

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    [PostgresFact]
    public Task An_hour_in_which_Salesforce_refuses_connections_is_a_handful_of_lines() => WithoutSalesforceAsync(month => month.EndSalesforceAsync());

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task An_hour_in_which_Salesforce_answers_503_is_a_handful_of_lines() => WithoutSalesforceAsync(month =>
    {
        var always = new FaultOrder { Times = int.MaxValue, HttpStatus = 503, ErrorCode = "sfdc.platform.eventbus.grpc.service.unavailable", Status = GrpcStatusCode.Unavailable };
        month.Simulated.Faults.Arm(FaultKind.RefuseSubscribe, always);
        month.Simulated.Faults.Arm(FaultKind.FailToken, always);
        month.Simulated.Faults.Arm(FaultKind.ExpireTokens);
        month.Simulated.Faults.Arm(FaultKind.StreamError, always with { Times = 1 });
        return Task.CompletedTask;
    });

    [PostgresFact]
    public async Task An_hour_without_Postgres_is_a_handful_of_lines()
    {
        var clock = new ManualClock(TimeProvider.System.GetUtcNow());
        var shown = new ShownLines();
        using var loggers = shown.Open(clock);
        await using var simulated = await SimulatedSalesforce.StartAsync(new() { Keepalive = TimeSpan.FromSeconds(2) }, clock, CancellationToken.None);
        var way = new NpgsqlConnectionStringBuilder(await PostgresFixture.CreateDatabaseAsync());
        var proxy = new ChaosProxy(seed: 1) { Target = new IPEndPoint(IPAddress.Loopback, way.Port) };
        way.Port = proxy.Port;
        var rules = simulated.Settings.SignIn;
        var org = new OrgOptions
        {
            Name = "acme", Schema = "acme", LoginUrl = new Uri(simulated.LoginUrl), PubSubEndpoint = new Uri(simulated.PubSubEndpoint),
            Auth = new SignInFlow.ClientCredentials(rules.ClientId, new Secret(rules.ClientSecret)), StartFrom = StartFrom.Earliest,
        };
        var options = new SyncOptions { Postgres = new Secret(way.ConnectionString), Orgs = [org] };
        var progress = new WorkerProgress(clock);
        using var stop = new CancellationTokenSource();
        var running = new Worker(options, loggers, new WorkerHealth(clock), progress, new Board(options, clock), clock).RunAsync(stop.Token);
        await PassAsync(clock, TimeSpan.FromSeconds(1), () => progress.Of("acme").Current.State == OrgState.Streaming);

        var (before, said) = (shown.Texts.Count, shown.Said);
        await proxy.DisposeAsync();
        var until = clock.GetUtcNow().AddHours(1);
        await PassAsync(clock, Step, () => clock.GetUtcNow() >= until);
        ShouldBeAHandful(shown, before, said);

        await stop.CancelAsync();
        await PassAsync(clock, Step, () => running.IsCompleted);
        (await running).ShouldBe(0);
    }

    private async Task WithoutSalesforceAsync(Func<MonthOrg, Task> strike)
    {
        var shown = new ShownLines();
        await using var month = await MonthOrg.CreateAsync(loggers: shown.Open);
        month.Org.Commit(draft => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "one" }));
        await month.MissAsync();
        month.Start();
        await month.SettleAsync();
        var (before, said) = (shown.Texts.Count, shown.Said);
        await strike(month);
        await month.PassBusyAsync(TimeSpan.FromHours(1), Step);
        ShouldBeAHandful(shown, before, said);
    }

    private void ShouldBeAHandful(ShownLines shown, int before, long said)
    {
        var lines = shown.Texts.Skip(before).ToList();
        output.WriteLine($"{lines.Count} of {shown.Said - said} lines are shown:\n{string.Concat(lines)}");
        // A worker that fails no more often than it shows would prove nothing.
        (shown.Said - said).ShouldBeGreaterThan(60);
        lines.Count.ShouldBeInRange(3, Handful, $"{shown}");
        lines.ShouldContain(line => line.Contains(" more like it)", StringComparison.Ordinal));
    }

    private static async Task PassAsync(ManualClock clock, TimeSpan step, Func<bool> isOver)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !isOver();)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromMinutes(1));
            clock.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }
}
