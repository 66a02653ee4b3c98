using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace SalesforceSync.Protocol;

/// <summary>
/// Both directions of one call on the server. One reader and one writer may run at the same time; two of a kind may not.
/// </summary>
public sealed class GrpcServerStream<TRequest, TResponse> : GrpcServerCall
    where TRequest : IMessage<TRequest>
    where TResponse : IMessage<TResponse>
{
    private readonly MessageParser<TRequest> _parser;
    private readonly FlatFrameReader _reader;
    private readonly PipeWriter _writer;

    internal GrpcServerStream(HttpContext context, GrpcMethod<TRequest, TResponse> method, DateTimeOffset? deadline, int maxRequest, CancellationToken stop)
        : base(context, deadline, stop)
    {
        _parser = method.Requests;
        // Taken now: HttpContext makes both when first asked, and reader and writer may be two threads.
        _reader = new FlatFrameReader(context.Request.Body, maxRequest);
        _writer = context.Response.BodyWriter;
    }

    /// <returns>The client's next message; null when it has closed its half.</returns>
    /// <exception cref="OperationCanceledException">The call is over, or <paramref name="stop"/> was cancelled.</exception>
    /// <exception cref="GrpcException">The client broke the protocol; let it pass, it becomes the status.</exception>
    public async Task<TRequest?> ReadAsync(CancellationToken stop)
    {
        try
        {
            return await _reader.ReadAsync(stop) is { } message ? _parser.ParseFrom(message.Span) : default;
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "the request is not a message of this method", innerException: e);
        }
        catch (IOException e)
        {
            throw new OperationCanceledException("the client has gone", e, Stop);
        }
    }

    /// <summary>Sends one message; returns when the transport has taken it, which waits while the client's window is closed.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or <paramref name="stop"/> was cancelled.</exception>
    public async Task WriteAsync(TResponse message, CancellationToken stop)
    {
        GrpcFrame.Write(_writer, message);
        await FlushAsync(stop);
    }

    /// <summary>Sends the response headers before there is a message. An error after this is no longer trailers-only.</summary>
    public Task FlushHeadersAsync(CancellationToken stop) => FlushAsync(stop);

    private async Task FlushAsync(CancellationToken stop)
    {
        // Starting a response does not push its HTTP/2 headers; a flush of the body does (measured on .NET 10).
        var flushed = await _writer.FlushAsync(stop);
        if (flushed.IsCompleted || flushed.IsCanceled)
        {
            throw new OperationCanceledException("the client has gone", Stop);
        }
    }
}
