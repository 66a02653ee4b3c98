using Google.Protobuf;

namespace SalesforceSync.Protocol;

/// <summary>
/// One call with a stream in both directions. One writer and one reader may run at the same time. The outcome is told by the reader
/// alone: a failed write only says that there is one. Disposing a call that has not ended resets its stream (CANCEL).
/// </summary>
public sealed class GrpcCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : IMessage<TRequest>
    where TResponse : IMessage<TResponse>
{
    private readonly MessageParser<TResponse> _parser;
    private readonly int _maxResponse;
    private readonly StreamingContent _content;
    private readonly GrpcTransport _transport;
    private readonly CancellationTokenSource _abort;
    private readonly CancellationToken _stop;
    private readonly Task<HttpResponseMessage> _response;
    private volatile FlatFrameReader? _reader;
    private CallEnd? _end;
    private bool _disposed;

    internal GrpcCall(GrpcTransport transport, HttpRequestMessage request, StreamingContent content, MessageParser<TResponse> parser, int maxResponse, CancellationToken stop)
    {
        _transport = transport;
        _parser = parser;
        _maxResponse = maxResponse;
        _content = content;
        _stop = stop;
        _abort = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _response = SendAsync(request);
    }

    /// <summary>The trailers, once <see cref="ReadAsync"/> has told the end; null before. Empty when none arrived.</summary>
    public GrpcMetadata? Trailers => _end?.Trailers;

    /// <summary>
    /// Whether a read that waits, waits because nothing has come: every byte that had arrived when this was asked is part of a message that was read before.
    /// False also for a part of a message, and wherever it cannot be said.
    /// </summary>
    public bool IsDrained => _transport.IsDrained(out var arrived) && arrived == (_reader?.Settled ?? 0);

    /// <summary>The response headers as soon as they arrive, which may be with the first message only.</summary>
    /// <exception cref="GrpcException">The transport failed before.</exception>
    public async Task<GrpcMetadata> HeadersAsync(CancellationToken stop)
    {
        try
        {
            return StatusMap.Collect((await _response.WaitAsync(stop)).Headers);
        }
        catch (Exception e) when (StatusMap.IsTransport(e) && !stop.IsCancellationRequested)
        {
            throw StatusMap.FromTransport(e);
        }
    }

    /// <summary>Sends one message at once. Cancelling <paramref name="stop"/> while it runs ends the call: half a message cannot be taken back.</summary>
    /// <returns>False when the stream is over; the reader knows why.</returns>
    public async ValueTask<bool> WriteAsync(TRequest message, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        await using var cancelling = stop.UnsafeRegister(static call => ((GrpcCall<TRequest, TResponse>)call!).Cancel(), this);
        try
        {
            if (await _content.OpenAsync(_abort.Token) is not { } stream || IsOver)
            {
                return false;
            }

            await stream.WriteAsync(GrpcFrame.ToArray(message), _abort.Token);
            // Without this the message stays in the connection's buffer.
            await stream.FlushAsync(_abort.Token);
            return true;
        }
        catch (Exception e) when (StatusMap.IsTransport(e))
        {
            // Says TaskCanceledException when the peer has ended or reset the stream, though nobody cancelled.
            stop.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Closes our half: the server reads the end after the messages written so far.</summary>
    public void Complete() => _content.End();

    /// <summary>Waits for the next message. Cancelling <paramref name="stop"/> while it runs ends the call.</summary>
    /// <returns>The message; null when the server ended the call with OK. After the end the same answer is given again.</returns>
    /// <exception cref="GrpcException">The call ended otherwise.</exception>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        await using var cancelling = stop.UnsafeRegister(static call => ((GrpcCall<TRequest, TResponse>)call!).Cancel(), this);
        try
        {
            if (_end is null && await NextFrameAsync() is { } frame)
            {
                return _parser.ParseFrom(frame.Span);
            }
        }
        catch (GrpcException e)
        {
            End(new CallEnd([], e));
        }
        catch (InvalidProtocolBufferException e)
        {
            End(new CallEnd([], new GrpcException(GrpcStatusCode.Internal, "the answer is not a message of this method", innerException: e)));
        }
        catch (Exception e) when (StatusMap.IsTransport(e))
        {
            stop.ThrowIfCancellationRequested();
            _stop.ThrowIfCancellationRequested();
            End(new CallEnd([], _abort.IsCancellationRequested ? new GrpcException(GrpcStatusCode.Cancelled, "the call was given up here") : StatusMap.FromTransport(e)));
        }

        return _end?.Error is { } error ? throw error : default;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        // First the reset, then the end of the body: the other way round the server would read a clean end.
        await _abort.CancelAsync();
        try
        {
            (await _response).Dispose();
        }
        catch (Exception e) when (StatusMap.IsTransport(e))
        {
            // Told by the reader, or of no interest to who gave the call up.
        }

        _content.End();
        _content.Dispose();
        _transport.Dispose();
        _abort.Dispose();
    }

    /// <summary>
    /// After a trailers-only answer some servers (grpc-js) leave our half open and writes would succeed for ever, so the headers are
    /// looked at before each write.
    /// </summary>
    private bool IsOver => _end is not null || _abort.IsCancellationRequested
        || (_response.IsCompleted && (!_response.IsCompletedSuccessfully || StatusMap.FromHeaders(_response.Result) is not null));

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        var answered = false;
        try
        {
            var response = await _transport.SendAsync(request, _abort.Token);
            answered = true;
            _content.Answered();
            return response;
        }
        finally
        {
            if (!answered)
            {
                _content.End();
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> NextFrameAsync()
    {
        var response = await _response;
        if (_reader is null)
        {
            if (StatusMap.FromHeaders(response) is { } end)
            {
                End(end);
                return null;
            }

            _reader = new FlatFrameReader(await response.Content.ReadAsStreamAsync(_abort.Token), _maxResponse);
        }

        var frame = await _reader.ReadAsync(_abort.Token);
        if (frame is null)
        {
            End(StatusMap.FromTrailers(response));
        }

        return frame;
    }

    private void End(CallEnd end)
    {
        _end ??= end;
        _content.End();
    }

    private void Cancel()
    {
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Disposed in the same moment: it is cancelled already.
        }
    }
}
