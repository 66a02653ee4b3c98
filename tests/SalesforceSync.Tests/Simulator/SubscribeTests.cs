using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

public class SubscribeTests
{
    private const string Prefix = "sfdc.platform.eventbus.grpc.";
    private static readonly SimulatorSettings Quick = new() { Keepalive = TimeSpan.FromMilliseconds(30), CloseWithoutCredit = TimeSpan.FromMilliseconds(60) };

    [Fact]
    public async Task Delivers_no_more_than_the_credit_and_the_rest_after_more_credit()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 30);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(7);
        (await stream.ReadAsync(7)).Count.ShouldBe(7);
        stream.Last!.PendingNumRequested.ShouldBe(0);
        stream.Last.LatestReplayId.ShouldBe(stream.Last.Events[^1].ReplayId);
        await stream.RequestAsync(2);
        await stream.RequestAsync(3);
        (await stream.ReadAsync(5)).Count.ShouldBe(5);
        simulated.Counts.Delivered.ShouldBe(12);
    }

    [Fact]
    public async Task More_than_a_hundred_requested_counts_as_a_hundred()
    {
        await using var simulated = await StartAsync(Quick, accounts: 150);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(5000);
        var delivered = 0;
        while (await stream.NextAsync() is { } response) delivered += response.Events.Count;
        delivered.ShouldBe(100);
        simulated.Counts.OverRequests.ShouldBe(1);
    }

    [Fact]
    public async Task Keepalive_has_the_newest_position_and_no_events()
    {
        await using var simulated = await StartAsync(Quick, accounts: 3);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(10);
        await stream.ReadAsync(3);
        var keepalive = (await stream.NextAsync())!;
        keepalive.Events.ShouldBeEmpty();
        keepalive.PendingNumRequested.ShouldBe(7);
        keepalive.LatestReplayId.ShouldBe(ReplayPosition.Spell(simulated.Org.Bus.Newest));
        await using var after = await client.SubscribeAsync(10, preset: ReplayPreset.Custom, after: keepalive.LatestReplayId);
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "after" }));
        (await after.ReadAsync(1)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_credit_the_stream_is_closed()
    {
        await using var simulated = await StartAsync(Quick, accounts: 3);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(3);
        await stream.ReadAsync(3);
        (await stream.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task Custom_replay_starts_after_the_id()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 10);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var all = await client.SubscribeAsync(10);
        var events = await all.ReadAsync(10);
        await using var rest = await client.SubscribeAsync(10, preset: ReplayPreset.Custom, after: events[3].ReplayId);
        (await rest.ReadAsync(6)).Select(e => e.ReplayId).ShouldBe(events.Skip(4).Select(e => e.ReplayId));
    }

    [Fact]
    public async Task Latest_delivers_only_what_comes_later()
    {
        await using var simulated = await StartAsync(Quick, accounts: 5);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(10, preset: ReplayPreset.Latest);
        (await stream.NextAsync())!.Events.ShouldBeEmpty();
        simulated.Org.Commit(t => t.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "late" }));
        (await stream.ReadAsync(1)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Replay_ids_that_never_were_are_corrupted_and_a_missing_one_is_invalid()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 40);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var all = await client.SubscribeAsync(40);
        var ids = (await all.ReadAsync(40)).Select(e => e.ReplayId).ToHashSet();
        var never = ReplayPosition.Spell(ReplayPosition.Read(ids.Last().Span)!.Value + 1);
        ids.ShouldNotContain(never);

        await FailsAsync(client, ReplayPreset.Custom, never, "subscription.fetch.replayid.corrupted");
        await FailsAsync(client, ReplayPreset.Custom, ByteString.CopyFromUtf8("395640000007"), "subscription.fetch.replayid.corrupted");
        await FailsAsync(client, ReplayPreset.Custom, ByteString.CopyFrom(ids.First().Span[..8]), "subscription.fetch.replayid.corrupted");
        await FailsAsync(client, ReplayPreset.Custom, ByteString.Empty, "subscription.fetch.replayid.validation.failed");
        await using var single = await client.SubscribeAsync(5, "/data/AccountChangeEvent", ReplayPreset.Custom, ids.First());
        (await single.FailureAsync()).Trailers.Get("error-code").ShouldBe(Prefix + "subscription.fetch.replayid.corrupted");
    }

    [Fact]
    public async Task Replay_ids_older_than_72_hours_are_refused_and_their_events_gone()
    {
        var clock = new ManualClock();
        await using var simulated = await SimulatedSalesforce.StartAsync(new SimulatorSettings(), clock, CancellationToken.None);
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "old" }));
        clock.Advance(TimeSpan.FromHours(1));
        simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = "newer" }));
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var all = await client.SubscribeAsync(2);
        var ids = (await all.ReadAsync(2)).Select(e => e.ReplayId).ToArray();

        clock.Advance(TimeSpan.FromHours(71));
        await using var edge = await client.SubscribeAsync(5, preset: ReplayPreset.Custom, after: ids[0]);
        (await edge.ReadAsync(1))[0].ReplayId.ShouldBe(ids[1]);
        clock.Advance(TimeSpan.FromSeconds(1));
        await FailsAsync(client, ReplayPreset.Custom, ids[0], "subscription.fetch.replayid.corrupted");
        await using var earliest = await client.SubscribeAsync(5);
        (await earliest.ReadAsync(1))[0].ReplayId.ShouldBe(ids[1]);
    }

    [Fact]
    public async Task Requests_that_make_no_sense_end_with_their_error_code()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 1);
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var unknown = await client.SubscribeAsync(5, "/data/NoSuchChangeEvent");
        var failure = await unknown.FailureAsync();
        failure.Status.ShouldBe(GrpcStatusCode.NotFound);
        failure.Trailers.Get("error-code").ShouldBe(Prefix + "topic.not.found");
        failure.Trailers.Get("type").ShouldBe("Subscribe");
        failure.Detail.ShouldContain("rpcId: " + failure.Trailers.Get("rpc-id"));

        await using var none = await client.SubscribeAsync(0);
        (await none.FailureAsync()).Trailers.Get("error-code").ShouldBe(Prefix + "subscription.fetch.requested.events.invalid");
        await using var switched = await client.SubscribeAsync(5);
        await switched.RequestAsync(new FetchRequest { TopicName = "/data/LeadChangeEvent", NumRequested = 1 });
        (await switched.FailureAsync()).Trailers.Get("error-code").ShouldBe(Prefix + "subscription.fetch.topic.mismatch");
    }

    [Fact]
    public async Task Calls_without_good_headers_are_refused()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 1);
        using var client = await PubSubClient.SignInAsync(simulated);
        var good = client.Metadata;
        foreach (var missing in (string[])["accesstoken", "instanceurl", "tenantid"])
        {
            client.Metadata = [];
            foreach (var (name, value) in good.Where(pair => pair.Key != missing)) client.Metadata.Add(name, value);
            (await Should.ThrowAsync<GrpcException>(() => client.GetTopicAsync("/data/ChangeEvents"))).Trailers.Get("error-code").ShouldBe(Prefix + "service.auth.headers.invalid");
            client.Metadata.Add(missing, "wrong");
            var failure = await Should.ThrowAsync<GrpcException>(() => client.GetTopicAsync("/data/ChangeEvents"));
            failure.Status.ShouldBe(GrpcStatusCode.Unauthenticated);
            failure.Trailers.Get("error-code").ShouldBe(Prefix + "service.auth.error");
        }
    }

    [Fact]
    public async Task Topics_and_schemas_are_told()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 1);
        using var client = await PubSubClient.SignInAsync(simulated);
        (await client.GetTopicAsync("/data/ChangeEvents")).SchemaId.ShouldBeEmpty();
        var topic = await client.GetTopicAsync("/data/AccountChangeEvent");
        (await client.GetSchemaAsync(topic.SchemaId)).SchemaJson.ShouldContain("\"Switchable_PersonName\"");
        simulated.Org.AddField("Account", new("Later__c", SalesforceSync.Simulator.Schemas.FieldKind.Text));
        (await client.GetTopicAsync("/data/AccountChangeEvent")).SchemaId.ShouldNotBe(topic.SchemaId);
        (await client.GetSchemaAsync(topic.SchemaId)).SchemaId.ShouldBe(topic.SchemaId);
        (await Should.ThrowAsync<GrpcException>(() => client.GetSchemaAsync(""))).Trailers.Get("error-code").ShouldBe(Prefix + "schema.validation.failed");
    }

    [Fact]
    public async Task A_channel_carries_its_own_objects_only()
    {
        await using var simulated = await StartAsync(new SimulatorSettings(), accounts: 2);
        simulated.Org.Commit(t => t.Create("Lead", new Dictionary<string, object?> { ["LastName"] = "not sales" }));
        simulated.Org.Commit(t => t.Create("Opportunity", new Dictionary<string, object?> { ["Name"] = "sales" }));
        using var client = await PubSubClient.SignInAsync(simulated);
        await using var stream = await client.SubscribeAsync(10, "/data/Sales__chn");
        var events = await stream.ReadAsync(3);
        events.Select(e => e.Event.SchemaId).Distinct().Count().ShouldBe(2);
        await using var rest = await client.SubscribeAsync(10, "/data/Sales__chn", ReplayPreset.Custom, events[1].ReplayId);
        (await rest.ReadAsync(1)).Single().ReplayId.ShouldBe(events[2].ReplayId);
    }

    private static async Task FailsAsync(PubSubClient client, ReplayPreset preset, ByteString after, string code)
    {
        await using var stream = await client.SubscribeAsync(5, preset: preset, after: after);
        var failure = await stream.FailureAsync();
        failure.Status.ShouldBe(GrpcStatusCode.InvalidArgument);
        failure.Trailers.Get("error-code").ShouldBe(Prefix + code);
    }

    private static async Task<SimulatedSalesforce> StartAsync(SimulatorSettings settings, int accounts)
    {
        var simulated = await SimulatedSalesforce.StartAsync(settings, TimeProvider.System, CancellationToken.None);
        for (var i = 0; i < accounts; i++) simulated.Org.Commit(t => t.Create("Account", new Dictionary<string, object?> { ["Name"] = $"Account {i}" }));
        return simulated;
    }
}
