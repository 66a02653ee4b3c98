using System.Net;
using System.Net.Http.Headers;
using Eventbus.V1;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

/// <summary>The server as bare HTTP/2 sees it, without our client in between.</summary>
public class GrpcServerTests
{
    [Fact]
    public async Task Unary_answers_one_message_and_ok_in_the_trailers()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.GetTopic, (request, call) =>
            Task.FromResult(new TopicInfo { TopicName = request.TopicName, TenantGuid = call.RequestHeader("tenantid") })));
        using var http = new HttpClient();
        using var request = Post(host, PubSubMethods.GetTopic.Path, GrpcFrame.ToArray(new TopicRequest { TopicName = "/data/ChangeEvents" }));
        request.Headers.Add("tenantid", "00D1");

        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/grpc");
        TopicInfo.Parser.ParseFrom(body.AsSpan(5)).ShouldBe(new TopicInfo { TopicName = "/data/ChangeEvents", TenantGuid = "00D1" });
        response.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("0");
    }

    [Fact]
    public async Task Error_before_the_first_message_is_trailers_only()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.GetTopic, (_, _) =>
            throw new GrpcException(GrpcStatusCode.NotFound, "Zürich 100%", new GrpcMetadata { { "error-code", "topic.not.found" } })));
        using var http = new HttpClient();
        using var response = await http.SendAsync(Post(host, PubSubMethods.GetTopic.Path, GrpcFrame.ToArray(new TopicRequest())));

        response.Headers.GetValues("grpc-status").Single().ShouldBe("5");
        response.Headers.GetValues("grpc-message").Single().ShouldBe("Z%C3%BCrich 100%25");
        response.Headers.GetValues("error-code").Single().ShouldBe("topic.not.found");
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Error_after_a_message_comes_in_the_trailers()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            await stream.WriteAsync(new FetchResponse { RpcId = "one" }, stream.Stop);
            throw new GrpcException(GrpcStatusCode.Unavailable, "over");
        }));
        using var http = new HttpClient();
        using var response = await http.SendAsync(Post(host, PubSubMethods.Subscribe.Path, []));
        var body = await response.Content.ReadAsByteArrayAsync();

        FetchResponse.Parser.ParseFrom(body.AsSpan(5)).RpcId.ShouldBe("one");
        response.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("14");
    }

    [Fact]
    public async Task Headers_can_be_pushed_before_there_is_a_message()
    {
        var pushed = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
        {
            await stream.FlushHeadersAsync(stream.Stop);
            await pushed.Task.WaitAsync(stream.Stop);
        }));
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var response = await http.SendAsync(Post(host, PubSubMethods.Subscribe.Path, []), HttpCompletionOption.ResponseHeadersRead);
        response.Headers.Contains("grpc-status").ShouldBeFalse();

        pushed.SetResult();
        await response.Content.ReadAsByteArrayAsync();
        response.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("0");
    }

    [Fact]
    public async Task Method_that_is_not_mapped_is_unimplemented()
    {
        await using var host = await GrpcHost.StartAsync(routes =>
        {
            routes.MapUnary(PubSubMethods.GetTopic, (_, _) => Task.FromResult(new TopicInfo()));
            routes.MapUnimplemented(PubSubMethods.Service);
        });
        using var http = new HttpClient();
        using var unknown = await http.SendAsync(Post(host, PubSubMethods.Publish.Path, []));
        unknown.Headers.GetValues("grpc-status").Single().ShouldBe("12");
        using var known = await http.SendAsync(Post(host, PubSubMethods.GetTopic.Path, GrpcFrame.ToArray(new TopicRequest())));
        known.TrailingHeaders.GetValues("grpc-status").Single().ShouldBe("0");
    }

    [Fact]
    public async Task Passed_deadline_ends_the_call_although_the_handler_waits()
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapDuplex(PubSubMethods.Subscribe, async stream =>
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stream.Stop)));
        using var http = new HttpClient();
        using var request = Post(host, PubSubMethods.Subscribe.Path, []);
        request.Headers.Add("grpc-timeout", "50m");
        using var response = await http.SendAsync(request);
        response.Headers.GetValues("grpc-status").Single().ShouldBe("4");
    }

    [Theory]
    [InlineData(0, 0x7fffffff, "8")]
    [InlineData(0, -1, "8")]
    [InlineData(1, 0, "12")]
    [InlineData(7, 0, "13")]
    [InlineData(0, 50, "13")]
    public async Task Hostile_frame_is_refused_before_anything_is_allocated_for_it(byte flag, int length, string status)
    {
        await using var host = await GrpcHost.StartAsync(routes => routes.MapUnary(PubSubMethods.GetTopic, (_, _) => Task.FromResult(new TopicInfo())));
        var frame = new byte[5];
        frame[0] = flag;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        using var http = new HttpClient();
        using var response = await http.SendAsync(Post(host, PubSubMethods.GetTopic.Path, frame));
        response.Headers.GetValues("grpc-status").Single().ShouldBe(status);
    }

    private static HttpRequestMessage Post(GrpcHost host, string path, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
    }
}
