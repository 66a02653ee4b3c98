using Eventbus.V1;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

public class FaultScriptTests
{
    [Theory]
    [InlineData(FaultKind.Drop)]
    [InlineData(FaultKind.Reset)]
    [InlineData(FaultKind.StreamError)]
    public async Task Stream_fails_after_exactly_so_many_events(FaultKind kind)
    {
        await using var simulated = await StartAsync();
        var fault = simulated.Faults.Arm(kind, new FaultOrder { AfterEvents = 7, ErrorCode = "subscription.limit.exceeded" });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        var failure = await stream.FailureAsync();
        // What was on its way when the connection broke may not have arrived.
        if (kind == FaultKind.StreamError) stream.Batches.Sum().ShouldBe(7);
        simulated.Counts.Delivered.ShouldBe(7);
        fault.Fired.ShouldBe(1);
        failure.FromServer.ShouldBe(kind == FaultKind.StreamError);
        if (kind == FaultKind.StreamError) failure.Status.ShouldBe(GrpcStatusCode.ResourceExhausted);

        await using var again = await client.SubscribeAsync(20);
        (await again.ReadAsync(20)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task Clean_end_is_no_error()
    {
        await using var simulated = await StartAsync();
        simulated.Faults.Arm(FaultKind.CleanEnd, new FaultOrder { AfterEvents = 5 });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        (await stream.ReadAsync(5)).Count.ShouldBe(5);
        (await stream.NextAsync()).ShouldBeNull();
        simulated.Faults.Fired[FaultKind.CleanEnd].ShouldBe(1);
    }

    [Fact]
    public async Task Go_away_ends_the_stream_and_the_next_one_gets_another_connection()
    {
        await using var simulated = await StartAsync();
        simulated.Faults.Arm(FaultKind.GoAway, new FaultOrder { AfterEvents = 5 });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        try
        {
            while (await stream.NextAsync() is not null)
            {
            }
        }
        catch (GrpcException failure)
        {
            // The end of the connection may overtake the end of the stream.
            failure.FromServer.ShouldBeFalse();
        }
        stream.Batches.Sum().ShouldBeLessThanOrEqualTo(5);
        simulated.Faults.Fired[FaultKind.GoAway].ShouldBe(1);
        await using var again = await client.SubscribeAsync(50);
        (await again.ReadAsync(30)).Count.ShouldBe(30);
    }

    [Fact]
    public async Task Silent_stream_says_nothing_and_stays_open()
    {
        await using var simulated = await StartAsync(new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(20) });
        simulated.Faults.Arm(FaultKind.Silence, new FaultOrder { AfterEvents = 30 });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        await stream.ReadAsync(30);
        var next = stream.NextAsync();
        await using var other = await client.SubscribeAsync(50, preset: ReplayPreset.Latest);
        for (var keepalives = 0; keepalives < 3; keepalives++) (await other.NextAsync())!.Events.ShouldBeEmpty();
        next.IsCompleted.ShouldBeFalse();
        simulated.Counts.Open.ShouldBe(2);
    }

    [Fact]
    public async Task Idle_stream_notices_a_fault_at_once()
    {
        await using var simulated = await StartAsync();
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        await stream.ReadAsync(30);
        simulated.Faults.Arm(FaultKind.CleanEnd);
        (await stream.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Last_batch_comes_twice()
    {
        await using var simulated = await StartAsync(new SimulatorSettings { SplitBatches = false });
        simulated.Faults.Arm(FaultKind.DuplicateBatch, new FaultOrder { AfterEvents = 10 });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(50);
        var events = await stream.ReadAsync(40);
        events.Select(e => e.ReplayId).Distinct().Count().ShouldBe(30);
        events[10].ReplayId.ShouldBe(events[0].ReplayId);
        events.Select(e => e.Event.Id).Distinct().Count().ShouldBe(30);
    }

    [Fact]
    public async Task Slow_responses_wait_each()
    {
        var clock = new ManualClock();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings { SplitBatches = false }, clock, CancellationToken.None);
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "slow" }));
        var fault = simulated.Faults.Arm(FaultKind.SlowDown, new FaultOrder { Delay = TimeSpan.FromSeconds(5) });
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(5);
        var next = stream.NextAsync();
        var deadline = PubSubClient.Deadline();
        while (fault.Fired == 0)
        {
            deadline.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        next.IsCompleted.ShouldBeFalse();
        while (!next.IsCompleted)
        {
            deadline.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        (await next)!.Events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Subscribe_and_schemas_fail_as_often_as_ordered()
    {
        await using var simulated = await StartAsync();
        simulated.Faults.Arm(FaultKind.RefuseSubscribe, new FaultOrder { Times = 2, ErrorCode = "subscription.internal.error" });
        simulated.Faults.Arm(FaultKind.FailGetSchema);
        using var client = await PubSubClient.SignInAsync(simulated);
        for (var i = 0; i < 2; i++)
        {
            await using var refused = await client.SubscribeAsync(5);
            (await refused.FailureAsync()).Status.ShouldBe(GrpcStatusCode.Internal);
        }
        await using var stream = await client.SubscribeAsync(1);
        var schema = (await stream.ReadAsync(1))[0].Event.SchemaId;
        (await Should.ThrowAsync<GrpcException>(() => client.GetSchemaAsync(schema))).Status.ShouldBe(GrpcStatusCode.Unavailable);
        (await client.GetSchemaAsync(schema)).SchemaId.ShouldBe(schema);
    }

    [Fact]
    public async Task Expired_tokens_and_void_positions_are_refused_at_once()
    {
        await using var simulated = await StartAsync();
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(5);
        var id = (await stream.ReadAsync(5))[^1].ReplayId;

        simulated.Faults.Arm(FaultKind.VoidReplayIds).Fired.ShouldBe(1);
        await using var voided = await client.SubscribeAsync(5, preset: ReplayPreset.Custom, after: id);
        (await voided.FailureAsync()).Trailers.Get("error-code").ShouldNotBeNull().ShouldEndWith("replayid.corrupted");
        await using var earliest = await client.SubscribeAsync(5);
        (await earliest.ReadAsync(5)).Count.ShouldBe(5);

        simulated.Faults.Arm(FaultKind.ExpireReplayIds);
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "after" }));
        await using var rest = await client.SubscribeAsync(5);
        await rest.ReadAsync(1);
        rest.Last!.PendingNumRequested.ShouldBe(4);

        simulated.Faults.Arm(FaultKind.ExpireTokens);
        (await Should.ThrowAsync<GrpcException>(() => client.GetTopicAsync("/data/ChangeEvents"))).Status.ShouldBe(GrpcStatusCode.Unauthenticated);
        // A stream that is open stays open: only its start was checked.
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "still" }));
        (await rest.ReadAsync(1)).Count.ShouldBe(1);
    }

    private static async Task<SimulatedSalesforce> StartAsync(SimulatorSettings? settings = null)
    {
        var simulated = await SimulatedSalesforce.StartAsync(settings ?? new SimulatorSettings(), TimeProvider.System, CancellationToken.None);
        for (var i = 0; i < 30; i++) simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Account {i}" }));
        return simulated;
    }
}
