using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Subscribe;

/// <summary>What silence means to a subscription: stream time and the watchdog.</summary>
[Collection(AloneCollection.Name)]
public class ListeningTests
{
    private static readonly TimeSpan Slice = Listening.Slice;

    [Fact]
    public async Task Quiet_is_told_once_per_offset_and_begins_anew_with_each_response()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        (await listening.NextAsync<StreamItem.Events>()).StreamTime.ShouldBe(TimeSpan.Zero);
        (await listening.NextAsync<StreamItem.Quiet>(slices: 2)).StreamTime.ShouldBe(Slice * 2);
        (await listening.NextAsync<StreamItem.Quiet>(slices: 6)).StreamTime.ShouldBe(Slice * 8);

        var next = listening.NextAsync<StreamItem.Events>();
        await listening.StepAsync(Listening.SilenceSlice);
        await listening.Time.TimerAsync(Listening.SilenceSlice);
        next.IsCompleted.ShouldBeFalse();
        listening.Topic.Respond(1, 98);
        (await next).StreamTime.ShouldBe(Slice * 8);
        (await listening.NextAsync<StreamItem.Quiet>(slices: 2)).StreamTime.ShouldBe(Slice * 10);
    }

    [Fact]
    public async Task Nothing_is_lost_between_telling_quiet_and_the_next_responses()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        await listening.NextAsync<StreamItem.Events>();
        await listening.NextAsync<StreamItem.Quiet>(slices: 2);
        await listening.NextAsync<StreamItem.Quiet>(slices: 6);
        foreach (var rpcId in new[] { "a", "b", "c" })
        {
            var next = listening.NextAsync<StreamItem.Events>();
            listening.Topic.Respond(1, 98, rpcId);
            (await next).RpcId.ShouldBe(rpcId);
        }
        listening.Topic.End();
        (await listening.MoveAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Before_the_first_response_no_stream_time_passes()
    {
        await using var listening = await Listening.StartAsync();
        var first = listening.NextAsync<StreamItem.Keepalive>();
        await listening.StepAsync(Listening.SilenceSlice);
        await listening.Time.TimerAsync(Listening.SilenceSlice);
        listening.Time.HasTimer(Slice).ShouldBeFalse();
        listening.Topic.Respond(0, 100);
        (await first).StreamTime.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Without_credit_no_stream_time_passes_and_silence_means_nothing()
    {
        await using var listening = await Listening.StartAsync(room: 10);
        var first = listening.NextAsync<StreamItem.Events>();
        await listening.Topic.RequestAsync();
        listening.Room = 0;
        listening.Topic.Respond(10, 0);
        await first;

        var next = listening.NextAsync<StreamItem.Quiet>();
        listening.Time.HasTimer(Slice).ShouldBeFalse();
        listening.Time.Advance(Listening.SilenceAfter * 3);
        next.IsCompleted.ShouldBeFalse();
        listening.Room = 10;
        await listening.Subscription.TopUpAsync(CancellationToken.None);
        // Our request has to arrive and be worked on first.
        for (var i = 0; i < 12; i++)
            await listening.StepAsync(Slice);
        (await next).StreamTime.ShouldBe(Slice * 2);
    }

    [Fact]
    public async Task Slice_that_came_back_late_does_not_count()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        await listening.NextAsync<StreamItem.Events>();
        var quiet = listening.NextAsync<StreamItem.Quiet>();
        await listening.StepAsync(Slice, takes: TimeSpan.FromSeconds(2));
        await listening.StepAsync(Slice);
        await listening.Time.TimerAsync(Slice);
        quiet.IsCompleted.ShouldBeFalse();
        listening.Time.Advance(Slice);
        (await quiet).StreamTime.ShouldBe(Slice * 2);
    }

    [Fact]
    public async Task No_single_slice_reaches_an_offset()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        await listening.NextAsync<StreamItem.Events>();
        var quiet = listening.NextAsync<StreamItem.Quiet>();
        await listening.StepAsync(Slice, takes: Slice * 2.2);
        var rest = Slice - TimeSpan.FromMilliseconds(2);
        await listening.StepAsync(rest);
        (await quiet).StreamTime.ShouldBe(Slice * 2);
    }

    [Fact]
    public async Task Time_of_the_consumer_is_no_stream_time()
    {
        await using var listening = await Listening.StartAsync();
        listening.Topic.Respond(1, 99);
        await listening.NextAsync<StreamItem.Events>();
        listening.Time.Advance(TimeSpan.FromSeconds(10));
        (await listening.NextAsync<StreamItem.Quiet>(slices: 2)).StreamTime.ShouldBe(Slice * 2);
        listening.Time.Advance(TimeSpan.FromSeconds(10));
        (await listening.NextAsync<StreamItem.Quiet>(slices: 6)).StreamTime.ShouldBe(Slice * 8);
    }

    [Fact]
    public async Task Silent_stream_is_given_up()
    {
        await using var listening = await Listening.StartAsync();
        var move = listening.MoveAsync();
        for (var i = 0; i < 10; i++)
        {
            await listening.Time.TimerAsync(Listening.SilenceSlice);
            move.IsCompleted.ShouldBeFalse();
            listening.Time.Advance(Listening.SilenceSlice);
        }
        var silence = await Should.ThrowAsync<SilenceException>(move.WaitAsync(TimeSpan.FromSeconds(5)));
        silence.Topic.ShouldBe("/data/ChangeEvents");
        await listening.Topic.Gone;

        // A dead connection must not carry the next call.
        listening.Topic.Respond(0, 100);
        await using var again = listening.Subscribe(SubscriptionStart.Earliest).ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        (await again.MoveNextAsync()).ShouldBeTrue();
        listening.Topic.Connections.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task Paused_process_hears_what_came_meanwhile_before_it_gives_up()
    {
        await using var listening = await Listening.StartAsync();
        var next = listening.NextAsync<StreamItem.Keepalive>();
        await listening.StepAsync(Listening.SilenceSlice, takes: Listening.SilenceAfter * 2);
        await listening.Time.TimerAsync(Listening.SilenceSlice);
        next.IsCompleted.ShouldBeFalse();
        listening.Topic.Respond(0, 100);
        await next;
    }

    [Fact]
    public async Task Paused_process_gives_up_a_stream_that_stays_silent()
    {
        await using var listening = await Listening.StartAsync();
        var move = listening.MoveAsync();
        await listening.StepAsync(Listening.SilenceSlice, takes: Listening.SilenceAfter * 2);
        await listening.StepAsync(Listening.SilenceSlice);
        await Should.ThrowAsync<SilenceException>(move);
    }
}
