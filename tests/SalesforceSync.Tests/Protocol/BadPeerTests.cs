using Eventbus.V1;
using SalesforceSync.Protocol;
using static SalesforceSync.Tests.Protocol.RawHttp2Peer;

namespace SalesforceSync.Tests.Protocol;

/// <summary>What a client must stand when the other side is broken, hostile or between two releases.</summary>
public class BadPeerTests
{
    private static byte[] Answer(int stream) =>
        [.. Headers(stream), .. Data(stream, 0, 0, 0, 0, 3, 0x0a, 1, (byte)'t'), .. Trailers(stream, ("grpc-status", "0"))];

    [Fact]
    public async Task Refused_stream_is_repeated_without_losing_what_is_written_afterwards()
    {
        await using var peer = new RawHttp2Peer((n, stream) => n == 1 ? Reset(stream, 7) : [.. Headers(stream), .. Data(stream, 0, 0, 0, 0, 0)]);
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, [], default);
        (await call.ReadAsync(default)).ShouldBe(new FetchResponse());
        peer.Requests.ShouldBe(2);
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Headers_of_a_call_leave_before_its_first_message_over_a_connection_of_its_own()
    {
        await using var peer = new RawHttp2Peer((_, stream) => [.. Headers(stream), .. Data(stream, 0, 0, 0, 0, 0)]);
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        await using var first = channel.Duplex(PubSubMethods.Subscribe, [], default);
        (await first.ReadAsync(default)).ShouldNotBeNull();
        await using var second = channel.Duplex(PubSubMethods.Subscribe, [], default);
        (await second.ReadAsync(default)).ShouldNotBeNull();
        peer.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task Stream_taken_back_after_a_message_was_written_is_not_repeated()
    {
        var written = new TaskCompletionSource();
        await using var peer = new RawHttp2Peer((n, stream) =>
        {
            written.Task.Wait(TimeSpan.FromSeconds(10));
            return n == 1 ? Reset(stream, 7) : Answer(stream);
        });
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, [], default);
        (await call.WriteAsync(new FetchRequest { TopicName = "x" }, default)).ShouldBeTrue();
        written.SetResult();
        var error = await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.Unavailable, false));
    }

    [Fact]
    public async Task Refused_unary_call_is_repeated_with_its_message()
    {
        await using var peer = new RawHttp2Peer((n, stream) => n == 1 ? GoAway(0, 0) : Answer(stream));
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        (await channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest(), [], TimeSpan.FromSeconds(10), default)).TopicName.ShouldBe("t");
        peer.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task Trailers_only_answer_stops_the_writer_although_the_server_reads_on()
    {
        // END_STREAM from the server, no RST: our half stays open, as grpc-js does it.
        await using var peer = new RawHttp2Peer((_, stream) => Frame(1, 5, stream,
            [0x88, 0x0f, 0x10, 16, .. "application/grpc"u8, 0x00, 11, .. "grpc-status"u8, 2, .. "16"u8]));
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, [], default);
        await call.HeadersAsync(default);
        (await call.WriteAsync(new FetchRequest(), default)).ShouldBeFalse();
        var error = await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.Unauthenticated, true));
    }

    public static TheoryData<string, GrpcStatusCode> Nonsense => new()
    {
        { "no status", GrpcStatusCode.Internal },
        { "odd status", GrpcStatusCode.Unknown },
        { "compressed", GrpcStatusCode.Unimplemented },
        { "half a message", GrpcStatusCode.Internal },
        { "no protobuf", GrpcStatusCode.Internal },
        { "huge", GrpcStatusCode.ResourceExhausted },
        { "html", GrpcStatusCode.Unknown },
        { "502", GrpcStatusCode.Unavailable },
        { "401", GrpcStatusCode.Unauthenticated },
        { "404", GrpcStatusCode.Unimplemented },
        { "goaway", GrpcStatusCode.Internal },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_becomes_a_status_and_never_claims_to_be_the_servers(string what, GrpcStatusCode status)
    {
        await using var peer = new RawHttp2Peer((_, stream) => what switch
        {
            "no status" => [.. Headers(stream), .. Trailers(stream, ("x", "y"))],
            "odd status" => [.. Headers(stream), .. Trailers(stream, ("grpc-status", "99"))],
            "compressed" => [.. Headers(stream), .. Data(stream, 1, 0, 0, 0, 0)],
            "half a message" => [.. Headers(stream), .. Data(stream, 0, 0, 0, 0, 9, 1), .. Trailers(stream, ("grpc-status", "0"))],
            "no protobuf" => [.. Headers(stream), .. Data(stream, 0, 0, 0, 0, 2, 0xff, 0xff)],
            "huge" => [.. Headers(stream), .. Data(stream, 0, 0x7f, 0xff, 0xff, 0xff)],
            "html" => [.. Headers(stream, contentType: "text/html"), .. Data(stream, 60)],
            "goaway" => [.. Headers(stream), .. GoAway(stream, 1), .. Reset(stream, 1)],
            _ => [.. Headers(stream, what, "text/html"), .. Trailers(stream)],
        });
        using var channel = new GrpcChannel(peer.Address, TimeProvider.System);
        await using var call = channel.Duplex(PubSubMethods.Subscribe, [], default);
        var error = await Should.ThrowAsync<GrpcException>(async () => await call.ReadAsync(default));
        error.Status.ShouldBe(status);
        error.FromServer.ShouldBe(what == "odd status");
    }
}
