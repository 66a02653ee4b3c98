using System.Text.Json;
using SalesforceSync.Simulator;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Simulator;

public class SimulatorControlTests
{
    [Fact]
    public async Task Another_process_drives_the_simulator_and_gets_its_truth()
    {
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        using var control = new SimulatorControl(new Uri(simulated.LoginUrl));
        var order = new WorkloadOrder { Transactions = 200, Options = new WorkloadOptions { Seed = 5, Interleaving = false } };
        await control.StartWorkloadAsync(order, PubSubClient.Deadline());
        await simulated.Workload.Completion.WaitAsync(PubSubClient.Deadline());

        var status = await control.WorkloadAsync(PubSubClient.Deadline());
        (status.Running, status.Committed, status.Wanted, status.Failure).ShouldBe((false, 200, 200, null));
        status.Kinds.Keys.ShouldNotContain("Interleave");
        (await control.TruthAsync(PubSubClient.Deadline())).Hash().ShouldBe(simulated.Org.Truth().Hash());
        var commits = await control.CommitsAsync(null, PubSubClient.Deadline());
        commits.Count.ShouldBe((int)simulated.Org.Bus.EventCount);
        commits.Zip(commits.Skip(1)).ShouldAllBe(pair => pair.First.At <= pair.Second.At && string.CompareOrdinal(pair.First.ReplayId, pair.Second.ReplayId) < 0);
        (await control.CommitsAsync(commits[^3].ReplayId, PubSubClient.Deadline())).ShouldBe(commits.TakeLast(2));

        var transactions = await control.TransactionsAsync(150, PubSubClient.Deadline());
        transactions.Count.ShouldBe(50);
        transactions[^1].ShouldSatisfyAllConditions(last => last.Events.ShouldBeGreaterThan(0), last => last.Changes.ShouldBeGreaterThanOrEqualTo(last.Records));

        await control.ArmAsync(FaultKind.Drop, new FaultOrder { AfterEvents = 10 }, PubSubClient.Deadline());
        await control.ClearFaultsAsync(PubSubClient.Deadline());
        await control.ArmAsync(FaultKind.ExpireTokens, new FaultOrder(), PubSubClient.Deadline());
        var state = await control.StateAsync(PubSubClient.Deadline());
        state.Transactions.ShouldBe(200);
        state.LastReplayId.ShouldBe(commits[^1].ReplayId);
        state.FaultsFired.ShouldBe(new Dictionary<FaultKind, long> { [FaultKind.ExpireTokens] = 1 });
        state.TokenCalls.ShouldBe(0);
    }

    [Fact]
    public async Task Paced_workload_keeps_its_rate_and_catches_up()
    {
        var clock = new ManualClock();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), clock, CancellationToken.None);
        simulated.Workload.Start(new WorkloadOrder { Rate = 100, Duration = TimeSpan.FromSeconds(2), Options = new WorkloadOptions { Interleaving = false } });
        var deadline = PubSubClient.Deadline();
        // A single jump of the clock, as after a pause of the process: everything due is done.
        while (!simulated.Workload.Completion.IsCompleted)
        {
            deadline.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }
        simulated.Workload.Status.Committed.ShouldBe(200);
        simulated.Org.Transactions.ShouldBe(200);
    }

    [Fact]
    public async Task Held_bench_is_encoded_first_and_released_on_order()
    {
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        using var control = new SimulatorControl(new Uri(simulated.LoginUrl));
        await control.StartWorkloadAsync(new WorkloadOrder { Bench = true, Hold = true, Transactions = 300 }, PubSubClient.Deadline());
        var deadline = PubSubClient.Deadline();
        while (!(await control.WorkloadAsync(deadline)).Held) deadline.ThrowIfCancellationRequested();
        simulated.Org.Bus.EventCount.ShouldBe(1000);
        await control.ReleaseAsync(PubSubClient.Deadline());
        await simulated.Workload.Completion.WaitAsync(PubSubClient.Deadline());
        simulated.Org.Bus.EventCount.ShouldBe(1300);
    }

    [Fact]
    public async Task Host_says_where_it_is_and_ends_when_told()
    {
        using var stop = new CancellationTokenSource();
        var deadline = PubSubClient.Deadline();
        var ready = new LineSignal();
        var options = new SimulatorOptions { ClientId = "mine", ClientSecret = "too", OrgId = "00DDp0000000042", Workload = new WorkloadOrder { Transactions = 20 } };
        var running = SimulatorHost.RunAsync(options, ready, stop.Token);
        var line = JsonDocument.Parse(await ready.Line.WaitAsync(PubSubClient.Deadline())).RootElement;
        line.GetProperty("clientId").GetString().ShouldBe("mine");
        line.GetProperty("orgId").GetString()!.Length.ShouldBe(18);
        line.GetProperty("pubSubEndpoint").GetString().ShouldNotBe(line.GetProperty("loginUrl").GetString());
        using (var control = new SimulatorControl(new Uri(line.GetProperty("loginUrl").GetString()!)))
        {
            while ((await control.StateAsync(deadline)).Transactions < 20) deadline.ThrowIfCancellationRequested();
        }
        await stop.CancelAsync();
        await running.WaitAsync(PubSubClient.Deadline());
    }

    private sealed class LineSignal : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _line.TrySetResult(ToString());
            return Task.CompletedTask;
        }
    }
}
