using System.Collections.Concurrent;
using System.Threading.Channels;
using Eventbus.V1;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using SalesforceSync.Protocol;
using SalesforceSync.Tests.Protocol;

namespace SalesforceSync.Tests.Subscribe;

/// <summary>A Pub/Sub server on a real socket that says exactly what a test tells it to, and shows what it was asked.</summary>
internal sealed class ScriptedTopic : IAsyncDisposable
{
    private readonly Channel<FetchRequest> _requests = Channel.CreateUnbounded<FetchRequest>();
    private readonly Channel<Func<GrpcServerStream<FetchRequest, FetchResponse>, Task<bool>>> _script =
        Channel.CreateUnbounded<Func<GrpcServerStream<FetchRequest, FetchResponse>, Task<bool>>>();
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcHost _host = null!;

    /// <summary>The connection of each call, in order.</summary>
    public ConcurrentQueue<string> Connections { get; } = new();

    public Uri Address => _host.Address;

    /// <summary>Completes when the client has reset the call or its connection.</summary>
    public Task Gone => _gone.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public static async Task<ScriptedTopic> StartAsync()
    {
        var topic = new ScriptedTopic();
        topic._host = await GrpcHost.StartAsync(routes =>
        {
            ((IApplicationBuilder)routes).Use((context, next) =>
            {
                topic.Connections.Enqueue(context.Connection.Id);
                return next(context);
            });
            routes.MapDuplex(PubSubMethods.Subscribe, topic.AnswerAsync);
        });
        return topic;
    }

    public async Task<FetchRequest> RequestAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _requests.Reader.ReadAsync(limit.Token);
    }

    public bool WasAsked => _requests.Reader.TryPeek(out _);

    public void Respond(int events, int pending, string rpcId = "rpc") => Respond(Response(events, pending, rpcId));

    public void Respond(FetchResponse response) => _script.Writer.TryWrite(async stream =>
    {
        await stream.WriteAsync(response, stream.Stop);
        return true;
    });

    public void End() => _script.Writer.TryWrite(_ => Task.FromResult(false));

    public void Fail(GrpcException error) => _script.Writer.TryWrite(_ => throw error);

    public void Reset(int code) => _script.Writer.TryWrite(stream =>
    {
        stream.Reset(code);
        return Task.FromResult(false);
    });

    public static FetchResponse Response(int events, int pending, string rpcId = "rpc")
    {
        var response = new FetchResponse { PendingNumRequested = pending, RpcId = rpcId, LatestReplayId = Id((byte)events) };
        for (var i = 1; i <= events; i++)
        {
            response.Events.Add(new ConsumerEvent
            {
                ReplayId = Id((byte)i),
                Event = new ProducerEvent { Id = $"event {i}", SchemaId = "schema", Payload = ByteString.CopyFrom((byte)i) },
            });
        }
        return response;
    }

    public static ByteString Id(byte number) => ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, number, 0, 0);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task AnswerAsync(GrpcServerStream<FetchRequest, FetchResponse> stream)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stream.Stop);
        var reading = ReadAsync(stream, over.Token);
        try
        {
            while (await (await _script.Reader.ReadAsync(stream.Stop))(stream))
            {
            }
        }
        finally
        {
            // Not by a registration of its own: leaving, as the cancellation makes us, would take it back before its turn.
            if (stream.Stop.IsCancellationRequested)
                _gone.TrySetResult();
            await over.CancelAsync();
            await reading;
        }
    }

    private async Task ReadAsync(GrpcServerStream<FetchRequest, FetchResponse> stream, CancellationToken stop)
    {
        try
        {
            while (await stream.ReadAsync(stop) is { } request)
                _requests.Writer.TryWrite(request);
        }
        catch (OperationCanceledException)
        {
            // The call is over; a test that cares waits for Gone.
        }
    }
}
