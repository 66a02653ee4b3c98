using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

/// <summary>Our client against our server, over real sockets.</summary>
public class GrpcChannelTests
{
    private static readonly GrpcMetadata None = [];

    [Fact]
    public async Task Unary_carries_metadata_and_message_both_ways()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.GetTopic, (request, call) =>
            Task.FromResult(new TopicInfo { TopicName = request.TopicName, TenantGuid = call.RequestHeader("tenantid") })));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);

        channel.RoundTrip.ShouldBeNull();
        var topic = await channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest { TopicName = "/data/ChangeEvents" }, new GrpcMetadata { { "tenantid", "00D1" } }, null, default);

        topic.ShouldBe(new TopicInfo { TopicName = "/data/ChangeEvents", TenantGuid = "00D1" });
        channel.RoundTrip.ShouldNotBeNull().ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Error_keeps_status_text_and_trailers_before_and_after_a_message(bool afterMessage)
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            if (afterMessage)
            {
                await stream.WriteAsync(new FetchResponse { RpcId = "one" }, stream.Stop);
            }

            var trailers = new GrpcMetadata { { "error-code", "sfdc.platform.eventbus.grpc.topic.not.found" } };
            trailers.Add("details-bin", [0, 1, 250]);
            throw new GrpcException(GrpcStatusCode.NotFound, "kein Thema \u2603 100%", trailers);
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        if (afterMessage)
        {
            (await call.ReadAsync(default))!.RpcId.ShouldBe("one");
            call.Trailers.ShouldBeNull();
        }

        var error = await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default));
        error.Status.ShouldBe(GrpcStatusCode.NotFound);
        error.FromServer.ShouldBeTrue();
        error.Detail.ShouldBe("kein Thema \u2603 100%");
        error.Trailers.Get("error-code").ShouldBe("sfdc.platform.eventbus.grpc.topic.not.found");
        error.Trailers.GetBinary("details-bin").ShouldBe([0, 1, 250]);
        (await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default))).ShouldBeSameAs(error);
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Messages_cross_at_once_and_a_closed_half_ends_the_call_cleanly()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, EchoAsync));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        for (var i = 0; i < 100; i++)
        {
            (await call.WriteAsync(new FetchRequest { TopicName = $"{i}" }, default)).ShouldBeTrue();
            (await call.ReadAsync(default))!.RpcId.ShouldBe($"{i}");
        }

        (await call.HeadersAsync(default)).Get("date").ShouldNotBeNull();
        call.Complete();
        (await call.ReadAsync(default)).ShouldBeNull();
        (await call.ReadAsync(default)).ShouldBeNull();
        call.Trailers!.Get("grpc-status").ShouldBe("0");
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Disposed_call_is_seen_by_the_server_as_cancelled()
    {
        var cancelled = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            await stream.WriteAsync(new FetchResponse(), stream.Stop);
            await Should.ThrowAsync<OperationCanceledException>(async () => await stream.ReadAsync(stream.Stop));
            stream.Stop.IsCancellationRequested.ShouldBeTrue();
            cancelled.SetResult();
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await call.ReadAsync(default);
        await call.DisposeAsync();
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        (await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default))).Status.ShouldBe(GrpcStatusCode.Cancelled);
    }

    [Fact]
    public async Task Cancelled_token_ends_a_waiting_read_as_cancelled_and_nothing_else()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, EchoAsync));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await call.WriteAsync(new FetchRequest(), default);
        await call.ReadAsync(default);
        var waiting = call.ReadAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public async Task Deadline_is_kept_here_when_the_server_sleeps()
    {
        var release = new TaskCompletionSource();
        TimeSpan? told = null;
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.GetTopic, async (request, call) =>
        {
            if (request.TopicName == "awake")
            {
                return new TopicInfo();
            }

            told = call.Deadline - TimeProvider.System.GetUtcNow();
            await release.Task;
            return new TopicInfo();
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest { TopicName = "awake" }, None, null, default);
        var error = await Should.ThrowAsync<GrpcException>(() => channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest(), None, TimeSpan.FromMilliseconds(500), default));
        error.Status.ShouldBe(GrpcStatusCode.DeadlineExceeded);
        told.ShouldNotBeNull().ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromMilliseconds(500));
        release.SetResult();
    }

    [Theory]
    [InlineData(0x7, GrpcStatusCode.Unavailable)]
    [InlineData(0x8, GrpcStatusCode.Cancelled)]
    [InlineData(0xb, GrpcStatusCode.ResourceExhausted)]
    [InlineData(0x2, GrpcStatusCode.Internal)]
    public async Task Reset_by_the_server_is_a_transport_failure_by_its_code(int code, GrpcStatusCode status)
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            await stream.WriteAsync(new FetchResponse(), stream.Stop);
            await stream.ReadAsync(stream.Stop);
            stream.Reset(code);
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await call.ReadAsync(default);
        await call.WriteAsync(new FetchRequest(), default);
        var error = await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default));
        error.Status.ShouldBe(status);
        error.FromServer.ShouldBeFalse();
    }

    [Fact]
    public async Task Broken_connection_is_unavailable_and_the_next_call_opens_another()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            var request = await stream.ReadAsync(stream.Stop);
            await stream.WriteAsync(new FetchResponse(), stream.Stop);
            if (request!.TopicName == "break")
            {
                await stream.ReadAsync(stream.Stop);
                stream.AbortConnection();
            }
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var broken = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await broken.WriteAsync(new FetchRequest { TopicName = "break" }, default);
        await broken.ReadAsync(default);
        await broken.WriteAsync(new FetchRequest(), default);
        var error = await Should.ThrowAsync<GrpcException>(async () => await broken.ReadAsync(default));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.Unavailable, false));

        await using var next = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await next.WriteAsync(new FetchRequest(), default);
        (await next.ReadAsync(default)).ShouldNotBeNull();
        (await next.ReadAsync(default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Running_call_goes_on_after_goaway_or_retirement_and_new_calls_use_a_new_connection(bool byServer)
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            while (await stream.ReadAsync(stream.Stop) is { } request)
            {
                if (request.TopicName == "goaway")
                {
                    stream.GoAway();
                }

                await stream.WriteAsync(new FetchResponse { RpcId = request.TopicName }, stream.Stop);
            }
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var running = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await running.WriteAsync(new FetchRequest { TopicName = byServer ? "goaway" : "stay" }, default);
        await running.ReadAsync(default);
        if (!byServer)
        {
            channel.Retire();
        }

        await using var next = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await next.WriteAsync(new FetchRequest { TopicName = "new" }, default);
        (await next.ReadAsync(default))!.RpcId.ShouldBe("new");
        (await running.WriteAsync(new FetchRequest { TopicName = "old" }, default)).ShouldBeTrue();
        (await running.ReadAsync(default))!.RpcId.ShouldBe("old");
        running.Complete();
        (await running.ReadAsync(default)).ShouldBeNull();
    }

    [Fact]
    public async Task Hundred_and_fifty_streams_live_at_once()
    {
        var open = 0;
        var all = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            if (Interlocked.Increment(ref open) == 150)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(stream.Stop);
        }));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(async _ =>
        {
            await using var call = channel.Duplex(PubSubMethods.Subscribe, None, patience.Token);
            (await call.ReadAsync(patience.Token)).ShouldBeNull();
        }));
    }

    [Fact]
    public async Task Five_megabytes_pass_and_what_is_over_the_limit_is_refused()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.Publish, (request, _) =>
            Task.FromResult(new PublishResponse { Results = { new PublishResult { ReplayId = request.Events[0].Payload } } })));
        var payload = new byte[5 * 1024 * 1024];
        Random.Shared.NextBytes(payload);
        var request = new PublishRequest { Events = { new ProducerEvent { Payload = UnsafeByteOperations.UnsafeWrap(payload) } } };
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        (await channel.UnaryAsync(PubSubMethods.Publish, request, None, null, default)).Results[0].ReplayId.Span.SequenceEqual(payload).ShouldBeTrue();

        using var narrow = new GrpcChannel(host.Address, TimeProvider.System, maxResponseBytes: 1024 * 1024);
        var error = await Should.ThrowAsync<GrpcException>(() => narrow.UnaryAsync(PubSubMethods.Publish, request, None, null, default));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.ResourceExhausted, false));
    }

    [Fact]
    public async Task Idle_stream_outlives_the_servers_body_rate_limit()
    {
        await using var host = await GrpcHost.StartAsync(
            routes => routes.MapDuplex(PubSubMethods.Subscribe, EchoAsync),
            limits: limits => limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(1.1)));
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        await call.WriteAsync(new FetchRequest(), default);
        await call.ReadAsync(default);
        var silence = call.ReadAsync(default).AsTask();
        await Should.ThrowAsync<TimeoutException>(() => silence.WaitAsync(TimeSpan.FromSeconds(3.5), TimeProvider.System));
    }

    [Fact]
    public async Task Nobody_listening_is_unavailable_for_reader_and_writer()
    {
        Uri address;
        await using (var host = await GrpcHost.StartAsync(_ => { }))
        {
            address = host.Address;
        }

        using var channel = new GrpcChannel(address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, None, default);
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeFalse();
        (await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default))).Status.ShouldBe(GrpcStatusCode.Unavailable);
    }

    [Theory]
    [InlineData("http://api.pubsub.salesforce.com:7443")]
    [InlineData("http://192.0.2.7:7443")]
    [InlineData("ftp://127.0.0.1")]
    public void Cleartext_leaves_this_machine_never(string endpoint)
        => Should.Throw<ArgumentException>(() => new GrpcChannel(new Uri(endpoint), TimeProvider.System)).Message.ShouldContain(endpoint);

    private static async Task EchoAsync(GrpcServerStream<FetchRequest, FetchResponse> stream)
    {
        while (await stream.ReadAsync(stream.Stop) is { } request)
        {
            await stream.WriteAsync(new FetchResponse { RpcId = request.TopicName }, stream.Stop);
        }
    }
}
