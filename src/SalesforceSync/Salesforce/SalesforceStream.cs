using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace SalesforceSync.Salesforce;

/// <summary>
/// An answer whose body is read from the socket while it is used, unpacked where it is packed. Each read fails with
/// <see cref="SalesforceUnreachableException"/> when nothing comes for the time allowed, or the body ends before its end. Dispose it, read or not.
/// </summary>
internal sealed class SalesforceStream : Stream
{
    private readonly HttpResponseMessage _response;
    private readonly Stream _body;
    private readonly string _host;
    private readonly TimeSpan _idle;
    private readonly TimeProvider _time;

    private SalesforceStream(HttpResponseMessage response, Stream body, string host, TimeSpan idle, TimeProvider time) =>
        (_response, _body, _host, _idle, _time) = (response, body, host, idle, time);

    public HttpStatusCode Status => _response.StatusCode;

    public bool IsSuccess => _response.IsSuccessStatusCode;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <param name="idle">How long one read may wait for bytes.</param>
    public static async Task<SalesforceStream> OpenAsync(HttpResponseMessage response, TimeSpan idle, TimeProvider time, CancellationToken stop)
    {
        var host = response.RequestMessage?.RequestUri?.Authority ?? "Salesforce";
        var raw = await response.Content.ReadAsStreamAsync(stop);
        var packing = response.Content.Headers.ContentEncoding.LastOrDefault();
        var body = packing?.ToLowerInvariant() switch
        {
            null or "identity" => raw,
            "gzip" or "x-gzip" => new GZipStream(raw, CompressionMode.Decompress),
            _ => throw new SalesforceUnreachableException($"{host}: the answer is packed in a way nobody asked for"),
        };
        return new SalesforceStream(response, body, host, idle, time);
    }

    /// <summary>The first value of a header, or null.</summary>
    public string? Header(string name) => _response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    public MediaTypeHeaderValue? ContentType => _response.Content.Headers.ContentType;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var timer = new CancellationTokenSource(_idle, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await _body.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SalesforceUnreachableException($"{_host}: the answer stopped coming for {_idle.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            throw new SalesforceUnreachableException($"{_host}: the answer broke off", e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously: a network is no disk");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            _response.Dispose();
        }
        base.Dispose(disposing);
    }
}
