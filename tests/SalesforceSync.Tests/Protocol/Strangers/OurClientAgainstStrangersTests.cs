using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>Our client against grpc-js and grpcio as servers (tests/strangers/grpc-server.mjs and grpc_server.py).</summary>
public class OurClientAgainstStrangersTests(StrangerServers servers) : IClassFixture<StrangerServers>
{
    private static readonly GrpcMetadata Tenant = new() { { "tenantid", "00D1" } };

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Unary(string kind)
    {
        using var channel = await ConnectAsync(kind);
        var topic = await AskAsync(channel, "/data/ChangeEvents");
        topic.ShouldBe(new TopicInfo { TopicName = "/data/ChangeEvents", TenantGuid = "00D1" });
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Bidi_in_ping_pong_and_closing_our_half(string kind)
    {
        using var channel = await ConnectAsync(kind);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, Tenant, default);
        for (var i = 0; i < 20; i++)
        {
            var request = new FetchRequest { TopicName = $"{i}", NumRequested = i, ReplayId = ByteString.CopyFrom((byte)i, 0, 255) };
            (await call.WriteAsync(request, default)).ShouldBeTrue();
            (await call.ReadAsync(default)).ShouldBe(new FetchResponse { RpcId = $"{i}", PendingNumRequested = i, LatestReplayId = request.ReplayId });
        }

        call.Complete();
        (await call.ReadAsync(default)).ShouldBeNull();
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Error_of_a_unary_call_with_its_trailers(string kind)
    {
        using var channel = await ConnectAsync(kind);
        ShouldBeTheirError(await Should.ThrowAsync<GrpcException>(() => AskAsync(channel, "error")));
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Method_they_do_not_have(string kind)
    {
        using var channel = await ConnectAsync(kind);
        var error = await Should.ThrowAsync<GrpcException>(() => channel.UnaryAsync(PubSubMethods.GetSchema, new SchemaRequest(), Tenant, null, default));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.Unimplemented, true));
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Trailers_only_end_of_a_stream_stops_the_writer(string kind)
    {
        using var channel = await ConnectAsync(kind);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, Tenant, default);
        await call.WriteAsync(new FetchRequest { TopicName = "early error" }, default);
        ShouldBeTheirError(await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default)));
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeFalse();
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Error_after_a_message(string kind)
    {
        using var channel = await ConnectAsync(kind);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, Tenant, default);
        await call.WriteAsync(new FetchRequest { TopicName = "late error" }, default);
        (await call.ReadAsync(default))!.RpcId.ShouldBe("one");
        ShouldBeTheirError(await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default)));
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Deadline(string kind)
    {
        using var channel = await ConnectAsync(kind);
        var error = await Should.ThrowAsync<GrpcException>(() =>
            channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest { TopicName = "sleep" }, Tenant, TimeSpan.FromMilliseconds(300), default));
        error.Status.ShouldBe(GrpcStatusCode.DeadlineExceeded);
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Disposed_call_is_cancelled_there(string kind)
    {
        var server = await servers.GetAsync(kind);
        using var channel = await ConnectAsync(kind);
        await using (var call = channel.Duplex(PubSubMethods.Subscribe, Tenant, default))
        {
            await call.WriteAsync(new FetchRequest { TopicName = "hold" }, default);
            (await call.ReadAsync(default))!.RpcId.ShouldBe("held");
        }

        (await server.Process.ReadAsync()).GetProperty("cancelled").GetBoolean().ShouldBeTrue();
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Five_megabytes_both_ways(string kind)
    {
        var payload = new byte[5 << 20];
        Random.Shared.NextBytes(payload);
        using var channel = await ConnectAsync(kind);
        var request = new PublishRequest { Events = { new ProducerEvent { Payload = ByteString.CopyFrom(payload) } } };
        var response = await channel.UnaryAsync(PubSubMethods.Publish, request, Tenant, null, default);
        response.Results[0].ReplayId.Span.SequenceEqual(payload).ShouldBeTrue();
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Hundred_and_fifty_streams(string kind)
    {
        using var channel = await ConnectAsync(kind);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(50), TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(async _ =>
        {
            await using var call = channel.Duplex(PubSubMethods.Subscribe, Tenant, patience.Token);
            (await call.WriteAsync(new FetchRequest { TopicName = "together" }, patience.Token)).ShouldBeTrue();
            (await call.ReadAsync(patience.Token)).ShouldBeNull();
        }));
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Tls_with_their_certificate_under_a_trusted_root_and_not_without(string kind)
    {
        var server = await servers.GetAsync(kind);
        using var trusting = new GrpcChannel(server.Tls, TimeProvider.System, [servers.Files.Root]);
        (await AskAsync(trusting, "t")).TopicName.ShouldBe("t");
        using var doubting = new GrpcChannel(server.Tls, TimeProvider.System);
        var error = await Should.ThrowAsync<GrpcException>(() => AskAsync(doubting, "t"));
        error.Detail.ShouldContain("certificate");
    }

    private static void ShouldBeTheirError(GrpcException error)
    {
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.NotFound, true));
        error.Detail.ShouldBe("kein Thema \u2603 100%");
        error.Trailers.Get("error-code").ShouldBe("sfdc.platform.eventbus.grpc.topic.not.found");
        error.Trailers.GetBinary("details-bin").ShouldBe([0, 1, 250]);
    }

    private static Task<TopicInfo> AskAsync(GrpcChannel channel, string topic)
        => channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest { TopicName = topic }, Tenant, TimeSpan.FromSeconds(30), default);

    private async Task<GrpcChannel> ConnectAsync(string kind) => new((await servers.GetAsync(kind)).Cleartext, TimeProvider.System);
}
