using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Tests.Cli;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Month;
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
        var always = new FaultOrder { Times = int.MaxValue, ErrorCode = "sfdc.platform.eventbus.grpc.service.unavailable", Status = GrpcStatusCode.Unavailable };
        month.Simulated.Faults.Arm(FaultKind.RefuseSubscribe, always);
        month.Simulated.Faults.Arm(FaultKind.FailToken, new() { Times = int.MaxValue, HttpStatus = 503 });
        month.Simulated.Faults.Arm(FaultKind.ExpireTokens);
        month.Simulated.Faults.Arm(FaultKind.StreamError, always with { Times = 1 });
        return Task.CompletedTask;
    });

    [PostgresFact]
    public async Task An_hour_without_Postgres_is_a_handful_of_lines()
    {
        var shown = new ShownLines();
        await using var worker = await ClockedWorker.StartAsync(shown.Open);
        worker.ReachPostgres();
        worker.Run();
        await worker.StreamingAsync();
        var (before, said) = (shown.Texts.Count, shown.Said);
        await worker.EndPostgresAsync();
        await worker.PassAsync(TimeSpan.FromHours(1), Step);
        ShouldBeAHandful(shown, before, said);
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
        (shown.Said - said).ShouldBeGreaterThan(30);
        lines.Count.ShouldBeInRange(3, Handful, $"{shown}");
        // What had begun fails once in a way of its own; that the connection fails again and again is told without a stack.
        lines.Count(line => line.Count(c => c == '\n') > 1).ShouldBeLessThanOrEqualTo(2);
        lines.ShouldContain(line => line.Contains(" more like it)", StringComparison.Ordinal));
    }
}
