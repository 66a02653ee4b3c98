using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace SalesforceSync.Protocol;

/// <summary>
/// Calls to one endpoint over HTTP/2. TLS is always verified; cleartext (prior knowledge) is for loopback addresses only. Calls with one
/// answer share connections, which are opened when needed; a call with streams has one of its own, so that every byte on it is known to be
/// for it. Safe for many threads.
/// </summary>
/// <remarks>
/// No HTTP/2 pings: a C-core or Java server ends a stream that pings more often than every 300 s. Who subscribes watches for silence
/// itself and calls <see cref="Retire"/>.
/// </remarks>
public sealed class GrpcChannel : IDisposable
{
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;
    private readonly X509Certificate2Collection? _roots;
    private readonly int _maxResponse;
    private readonly Lock _gate = new();
    private GrpcTransport _unary;
    private long _roundTripTicks = -1;

    /// <param name="endpoint"><c>https://host:port</c>, or <c>http://</c> with a loopback address or localhost.</param>
    /// <param name="maxResponseBytes">The largest message taken from the server; checked before anything is allocated for it.</param>
    /// <exception cref="ArgumentException">Cleartext to another machine, or no http address at all.</exception>
    public GrpcChannel(Uri endpoint, TimeProvider time, int maxResponseBytes = GrpcFrame.DefaultMaxMessage)
        : this(endpoint, time, null, maxResponseBytes)
    {
    }

    /// <summary>As the public one, with <paramref name="roots"/> as the only trusted roots: names, dates and chains are still verified.</summary>
    internal GrpcChannel(Uri endpoint, TimeProvider time, X509Certificate2Collection? roots, int maxResponseBytes = GrpcFrame.DefaultMaxMessage)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttps && endpoint.Scheme != Uri.UriSchemeHttp))
        {
            throw new ArgumentException($"{endpoint}: give https://host:port", nameof(endpoint));
        }

        if (endpoint.Scheme == Uri.UriSchemeHttp && !endpoint.IsLoopback)
        {
            throw new ArgumentException($"{endpoint}: http is for loopback addresses only; give https://host:port", nameof(endpoint));
        }

        _endpoint = endpoint;
        _time = time;
        _roots = roots;
        _maxResponse = maxResponseBytes;
        _unary = NewTransport();
    }

    /// <summary>The round trip of the last TCP connect, as the kernel measured it, else how long the connect took; null before the first.</summary>
    public TimeSpan? RoundTrip => Interlocked.Read(ref _roundTripTicks) is >= 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>
    /// One request, one response. The deadline is sent to the server and kept here too; whoever notices first wins. A deadline noticed
    /// here retires the connection, which may be dead without saying so.
    /// </summary>
    /// <param name="deadline">How long to wait at most; null for no limit.</param>
    /// <exception cref="GrpcException">Any end but OK with exactly one message.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, TRequest request, GrpcMetadata metadata, TimeSpan? deadline, CancellationToken stop)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        // Bytes that can be sent again: when the transport repeats a refused request, nothing is lost.
        using var message = NewRequest(method.Path, metadata, new ReadOnlyMemoryContent(GrpcFrame.ToArray(request)));
        if (deadline is { } limit)
        {
            message.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(limit));
        }

        using var timer = new CancellationTokenSource(deadline ?? Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        try
        {
            using var response = await _unary.SendAsync(message, either.Token);
            return await ReadOneAsync(response, method.Responses, either.Token);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "the answer is not a message of this method", innerException: e);
        }
        catch (Exception e) when (StatusMap.IsTransport(e))
        {
            stop.ThrowIfCancellationRequested();
            if (!timer.IsCancellationRequested)
            {
                throw StatusMap.FromTransport(e);
            }

            Retire();
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"no answer within {deadline}", innerException: e);
        }
    }

    /// <summary>Opens a call with a stream in both directions. It has no deadline; cancelling <paramref name="stop"/> ends it.</summary>
    public GrpcCall<TRequest, TResponse> Duplex<TRequest, TResponse>(GrpcMethod<TRequest, TResponse> method, GrpcMetadata metadata, CancellationToken stop)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
    {
        ArgumentNullException.ThrowIfNull(method);
        var content = new StreamingContent();
        return new GrpcCall<TRequest, TResponse>(NewTransport(), NewRequest(method.Path, metadata, content), content, method.Responses, _maxResponse, stop);
    }

    /// <summary>
    /// Later calls open new connections; running ones go on over theirs. For a connection suspected dead: TCP takes minutes to say so,
    /// and until then every new stream would be opened on it.
    /// </summary>
    public void Retire()
    {
        lock (_gate)
        {
            var old = _unary;
            _unary = NewTransport();
            old.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _unary.Dispose();
        }
    }

    private async Task<TResponse> ReadOneAsync<TResponse>(HttpResponseMessage response, MessageParser<TResponse> parser, CancellationToken stop)
        where TResponse : IMessage<TResponse>
    {
        if (StatusMap.FromHeaders(response) is { } end)
        {
            throw end.Error ?? new GrpcException(GrpcStatusCode.Internal, "OK without a message");
        }

        var reader = new FlatFrameReader(await response.Content.ReadAsStreamAsync(stop), _maxResponse);
        var frame = await reader.ReadAsync(stop);
        var answer = frame is { } only ? parser.ParseFrom(only.Span) : default;
        if (frame is not null && await reader.ReadAsync(stop) is not null)
        {
            throw new GrpcException(GrpcStatusCode.Internal, "more than one message in answer to one");
        }

        return StatusMap.FromTrailers(response).Error is { } error ? throw error
            : answer ?? throw new GrpcException(GrpcStatusCode.Internal, "OK without a message");
    }

    private HttpRequestMessage NewRequest(string path, GrpcMetadata metadata, HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(GrpcHeaders.ContentType);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_endpoint, path))
        {
            // Exact: prior knowledge on http, ALPN h2 on https, and no falling back to HTTP/1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", "grpc-salesforcesync");
        request.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, "identity");
        foreach (var (name, value) in metadata)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private GrpcTransport NewTransport() => new(_endpoint, _roots, _time, roundTrip => Interlocked.Exchange(ref _roundTripTicks, roundTrip.Ticks));
}
