using Eventbus.V1;
using SalesforceSync.Protocol;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

[Collection(AloneCollection.Name)]
public class SubscriptionTests
{
    [Fact]
    public async Task First_request_names_topic_preset_and_the_very_bytes_of_the_replay_id()
    {
        byte[] id = [0, 0xff, 0x80, 0, 0, 0, 0, 7, 0, 0];
        await using var listening = await Listening.StartAsync(SubscriptionStart.After(new ReplayId(id)));
        listening.Topic.Respond(0, 100);
        var keepalive = await listening.NextAsync<StreamItem.Keepalive>();

        var request = await listening.Topic.RequestAsync();
        request.TopicName.ShouldBe("/data/ChangeEvents");
        request.ReplayPreset.ShouldBe(ReplayPreset.Custom);
        request.ReplayId.ToByteArray().ShouldBe(id);
        request.NumRequested.ShouldBe(100);
        keepalive.Latest.ToArray().ShouldBe(ScriptedTopic.Id(0).ToByteArray());
        keepalive.RpcId.ShouldBe("rpc");
    }

    [Theory]
    [InlineData(ReplayPreset.Earliest)]
    [InlineData(ReplayPreset.Latest)]
    public async Task Preset_without_a_position_is_sent_as_it_is(ReplayPreset preset)
    {
        await using var listening = await Listening.StartAsync(preset == ReplayPreset.Earliest ? SubscriptionStart.Earliest : SubscriptionStart.Latest);
        var move = listening.MoveAsync();
        var request = await listening.Topic.RequestAsync();
        request.ReplayPreset.ShouldBe(preset);
        request.ReplayId.ShouldBeEmpty();
        listening.Topic.End();
        (await move).ShouldBeFalse();
    }

    [Fact]
    public void Empty_replay_id_is_no_start() => Should.Throw<ArgumentException>(() => SubscriptionStart.After(default));

    [Fact]
    public async Task Events_are_handed_on_as_they_came()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(3, 97, "rpc 1");
        var events = await listening.NextAsync<StreamItem.Events>();
        events.RpcId.ShouldBe("rpc 1");
        events.Latest.ToString().ShouldBe("00000000000000030000");
        events.List.Select(e => e.EventId).ShouldBe(["event 1", "event 2", "event 3"]);
        events.List[1].SchemaId.ShouldBe("schema");
        events.List[1].ReplayId.ToString().ShouldBe("00000000000000020000");
        events.List[1].Payload.ToArray().ShouldBe([2]);
    }

    [Fact]
    public async Task Event_without_content_does_not_end_the_stream()
    {
        await using var listening = await Listening.StartAsync();
        var response = ScriptedTopic.Response(2, 98);
        response.Events[0].Event = null;
        listening.Topic.Respond(response);
        var events = await listening.NextAsync<StreamItem.Events>();
        events.List[0].Payload.IsEmpty.ShouldBeTrue();
        events.List[0].ReplayId.IsEmpty.ShouldBeFalse();
        events.List[1].EventId.ShouldBe("event 2");
    }

    [Fact]
    public async Task Credit_is_topped_up_to_a_hundred_as_soon_as_half_is_used_up()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(49, 51);
        await listening.NextAsync<StreamItem.Events>();
        (await listening.Topic.RequestAsync()).NumRequested.ShouldBe(100);
        listening.Subscription.Outstanding.ShouldBe(51);

        listening.Topic.Respond(1, 50);
        await listening.NextAsync<StreamItem.Events>();
        var more = await listening.Topic.RequestAsync();
        more.NumRequested.ShouldBe(50);
        more.TopicName.ShouldBeEmpty();
        more.ReplayId.ShouldBeEmpty();
        listening.Subscription.Outstanding.ShouldBe(100);
    }

    [Fact]
    public async Task More_events_than_asked_for_are_taken()
    {
        await using var listening = await Listening.StartAsync(room: 5);
        listening.Topic.Respond(9, 0);
        (await listening.NextAsync<StreamItem.Events>()).List.Count.ShouldBe(9);
        listening.Subscription.Outstanding.ShouldBe(5);
    }

    [Fact]
    public async Task Without_room_nothing_is_asked_until_there_is_some()
    {
        await using var listening = await Listening.StartAsync(room: 0);
        var first = listening.NextAsync<StreamItem.Events>();
        listening.Room = 7;
        await listening.Subscription.TopUpAsync(CancellationToken.None);
        var request = await listening.Topic.RequestAsync();
        request.NumRequested.ShouldBe(7);
        request.TopicName.ShouldBe("/data/ChangeEvents");
        request.ReplayPreset.ShouldBe(ReplayPreset.Earliest);

        listening.Room = 0;
        listening.Topic.Respond(7, 0);
        await first;
        listening.Subscription.Outstanding.ShouldBe(0);
        await listening.Subscription.TopUpAsync(CancellationToken.None);
        listening.Room = 200;
        var second = listening.NextAsync<StreamItem.Events>();
        await listening.Subscription.TopUpAsync(CancellationToken.None);
        request = await listening.Topic.RequestAsync();
        request.NumRequested.ShouldBe(100);
        request.TopicName.ShouldBeEmpty();
        listening.Topic.Respond(1, 99);
        await second;
    }

    [Fact]
    public async Task Clean_end_ends_the_enumeration()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        listening.Topic.End();
        await listening.NextAsync<StreamItem.Events>();
        (await listening.MoveAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Error_of_the_server_reaches_the_fault_table_with_its_code()
    {
        await using var listening = await Listening.StartAsync();
        var code = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted";
        listening.Topic.Respond(0, 100);
        await listening.NextAsync<StreamItem.Keepalive>();
        listening.Topic.Fail(new GrpcException(GrpcStatusCode.InvalidArgument, "no", new GrpcMetadata { { "error-code", code } }));
        var fault = await Should.ThrowAsync<GrpcException>(listening.MoveAsync());
        FaultTable.Decide(fault, resumedWithId: true).Directive.ShouldBe(Directive.Repair);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Reset_stream_is_resumed(int http2Code)
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(0, 100);
        await listening.NextAsync<StreamItem.Keepalive>();
        listening.Topic.Reset(http2Code);
        var fault = await Should.ThrowAsync<GrpcException>(listening.MoveAsync());
        FaultTable.Decide(fault, resumedWithId: true).Directive.ShouldBe(Directive.Resume);
    }

    [Fact]
    public async Task Stopping_ends_a_pending_wait_and_resets_the_call()
    {
        await using var listening = await Listening.StartAsync();
        var move = listening.MoveAsync();
        await listening.Topic.RequestAsync();
        await listening.StopAsync();
        await Should.ThrowAsync<OperationCanceledException>(move);
        await listening.Topic.Gone;
    }

    [Fact]
    public async Task Leaving_while_a_read_is_pending_resets_the_call()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(0, 100);
        await listening.NextAsync<StreamItem.Keepalive>();
        await listening.NextAsync<StreamItem.Quiet>(slices: 2);
        await listening.Items.DisposeAsync();
        await listening.Topic.Gone.WaitAsync(TimeSpan.FromSeconds(3));
        await listening.Subscription.TopUpAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Subscription_is_read_once()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.End();
        (await listening.MoveAsync()).ShouldBeFalse();
        await using var again = listening.Subscription.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        await Should.ThrowAsync<InvalidOperationException>(again.MoveNextAsync().AsTask());
    }
}
