using System.Net;

namespace SalesforceSync.Protocol;

/// <summary>
/// A request body that stays open while the call writes to it. <see cref="SocketsHttpHandler"/> repeats a request by itself after
/// REFUSED_STREAM or a GOAWAY that did not cover it, and asks the same content for its body again: fine while nothing was written,
/// refused afterwards, because the messages written would silently be missing.
/// </summary>
internal sealed class StreamingContent : HttpContent
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Stream? _stream;
    private bool _written;
    private bool _isLetGo;
    private bool _isAnswered;

    /// <returns>The stream to write to, as soon as the transport has one; null when the body has ended.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled before there was one.</exception>
    public async ValueTask<Stream?> OpenAsync(CancellationToken stop)
    {
        await _opened.Task.WaitAsync(stop);
        lock (_gate)
        {
            _written = true;
            return _ended.Task.IsCompleted ? null : _stream;
        }
    }

    /// <summary>
    /// The answer is here, so that the request is not repeated any more. A server that answers at once (a refusal) may have had the transport let go of the body
    /// before there was a stream to write to: then there never is one.
    /// </summary>
    public void Answered()
    {
        lock (_gate)
        {
            _isAnswered = true;
            EndIfOver();
        }
    }

    /// <summary>Ends the body. Every end of a call must come here, or writer and transport wait for ever.</summary>
    public void End()
    {
        _ended.TrySetResult();
        _opened.TrySetResult();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_written)
            {
                throw new IOException("the connection was lost after messages had been written; the call cannot be repeated");
            }

            _stream = stream;
            _isLetGo = false;
        }

        // The handler cancels when the stream has failed, and waits for us before it lets go of the stream. We return and do not throw:
        // our exception would replace the peer's own error by "a task was canceled".
        try
        {
            // Nobody else pushes the headers: on a connection in use they would stay in its buffer until the first message.
            await stream.FlushAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LetGo();
            return;
        }
        catch
        {
            LetGo();
            throw;
        }

        _opened.TrySetResult();
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var cancelling = cancellationToken.UnsafeRegister(static f => ((TaskCompletionSource)f!).TrySetResult(), failed);
        await Task.WhenAny(_ended.Task, failed.Task);
    }

    private void LetGo()
    {
        lock (_gate)
        {
            _isLetGo = true;
            EndIfOver();
        }
    }

    private void EndIfOver()
    {
        if (_isAnswered && _isLetGo)
        {
            End();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
