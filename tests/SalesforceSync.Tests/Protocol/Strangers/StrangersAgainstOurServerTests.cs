using System.Text.Json;
using Eventbus.V1;
using Microsoft.AspNetCore.Routing;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>grpc-js and grpcio as clients (tests/strangers/grpc-client.mjs and grpc_client.py) against our server.</summary>
public sealed class StrangersAgainstOurServerTests : IAsyncLifetime, IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly TaskCompletionSource _cancelled = new();
    private readonly TaskCompletionSource _together = new();
    private GrpcHost? _cleartext;
    private GrpcHost? _tls;
    private int _open;

    public async Task InitializeAsync()
    {
        _cleartext = await GrpcHost.StartAsync(Map);
        _tls = await GrpcHost.StartAsync(Map, _files.Localhost);
    }

    public async Task DisposeAsync()
    {
        await _cleartext!.DisposeAsync();
        await _tls!.DisposeAsync();
    }

    public void Dispose() => _files.Dispose();

    [StrangerTheory("node", "python"), InlineData("node", "unary"), InlineData("python", "unary"), InlineData("node", "tls"), InlineData("python", "tls")]
    public async Task Unary_also_over_tls(string kind, string check)
    {
        var seen = await AskAsync(kind, check);
        seen.GetProperty("topic_name").GetString().ShouldBe("/data/ChangeEvents");
        seen.GetProperty("tenant_guid").GetString().ShouldBe("00D1");
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Bidi_in_ping_pong_and_a_clean_end(string kind)
    {
        var seen = await AskAsync(kind, "bidi");
        seen.GetProperty("seen").EnumerateArray().Select(e => e.GetString()).ShouldBe(["0", "1", "2", "3", "4"]);
        seen.GetProperty("code").GetInt32().ShouldBe(0);
    }

    [StrangerTheory("node", "python")]
    [InlineData("node", "error"), InlineData("node", "earlyError"), InlineData("node", "lateError")]
    [InlineData("python", "error"), InlineData("python", "earlyError"), InlineData("python", "lateError")]
    public async Task Errors_with_their_trailers_alone_and_after_a_message(string kind, string check)
    {
        var seen = await AskAsync(kind, check);
        seen.GetProperty("code").GetInt32().ShouldBe(5);
        seen.GetProperty("details").GetString().ShouldBe("kein Thema \u2603 100%");
        seen.GetProperty("errorCode").GetString().ShouldBe("sfdc.platform.eventbus.grpc.topic.not.found");
        seen.GetProperty("binary").GetString().ShouldBe("0001fa");
        if (check != "error")
        {
            seen.GetProperty("seen").GetArrayLength().ShouldBe(check == "lateError" ? 1 : 0);
        }
    }

    [StrangerTheory("node", "python")]
    [InlineData("node", "unimplemented", 12), InlineData("python", "unimplemented", 12)]
    [InlineData("node", "deadline", 4), InlineData("python", "deadline", 4)]
    public async Task Status(string kind, string check, int code) => (await AskAsync(kind, check)).GetProperty("code").GetInt32().ShouldBe(code);

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Cancelled_call_reaches_the_handler(string kind)
    {
        (await AskAsync(kind, "cancel")).GetProperty("code").GetInt32().ShouldBe(1);
        await _cancelled.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
    }

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Five_megabytes_both_ways(string kind) => (await AskAsync(kind, "large")).GetProperty("same").GetBoolean().ShouldBeTrue();

    [StrangerTheory("node", "python"), InlineData("node"), InlineData("python")]
    public async Task Hundred_and_fifty_streams(string kind) => (await AskAsync(kind, "streams")).GetProperty("ended").GetInt32().ShouldBe(150);

    private Task<JsonElement> AskAsync(string kind, string check) => Stranger.AskAsync(
        kind == "node" ? "grpc-client.mjs" : "grpc_client.py", check, $"{_cleartext!.Address.Port}", $"{_tls!.Address.Port}", _files.Authority);

    private void Map(IEndpointRouteBuilder routes)
    {
        routes.MapUnary(PubSubMethods.GetTopic, GetTopicAsync);
        routes.MapUnary(PubSubMethods.Publish, (request, _) => Task.FromResult(new PublishResponse { Results = { new PublishResult { ReplayId = request.Events[0].Payload } } }));
        routes.MapDuplex(PubSubMethods.Subscribe, SubscribeAsync);
    }

    private static GrpcException Failure()
    {
        var trailers = new GrpcMetadata { { "error-code", "sfdc.platform.eventbus.grpc.topic.not.found" } };
        trailers.Add("details-bin", [0, 1, 250]);
        return new GrpcException(GrpcStatusCode.NotFound, "kein Thema \u2603 100%", trailers);
    }

    private static async Task<TopicInfo> GetTopicAsync(TopicRequest request, GrpcServerCall call)
    {
        if (request.TopicName == "sleep")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, call.Stop);
        }

        return request.TopicName == "error" ? throw Failure() : new TopicInfo { TopicName = request.TopicName, TenantGuid = call.RequestHeader("tenantid") ?? "" };
    }

    private async Task SubscribeAsync(GrpcServerStream<FetchRequest, FetchResponse> stream)
    {
        while (await stream.ReadAsync(stream.Stop) is { } request)
        {
            switch (request.TopicName)
            {
                case "early error":
                    throw Failure();
                case "late error":
                    await stream.WriteAsync(new FetchResponse { RpcId = "one" }, stream.Stop);
                    throw Failure();
                case "hold":
                    // It may come before the write has returned, or behind the end of what the client says.
                    await Should.ThrowAsync<OperationCanceledException>(async () =>
                    {
                        await stream.WriteAsync(new FetchResponse { RpcId = "held" }, stream.Stop);
                        await stream.ReadAsync(stream.Stop);
                        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stream.Stop);
                    });
                    _cancelled.SetResult();
                    return;
                case "together":
                    if (Interlocked.Increment(ref _open) == 150)
                    {
                        _together.SetResult();
                    }

                    await _together.Task.WaitAsync(stream.Stop);
                    return;
                default:
                    await stream.WriteAsync(new FetchResponse { RpcId = request.TopicName }, stream.Stop);
                    break;
            }
        }
    }
}
