namespace SalesforceSync.Snapshot;

/// <summary>Passes a stream on and remembers the last byte that came, which tells whether a text ended with a line. Read asynchronously only.</summary>
internal sealed class LastByte(Stream source) : Stream
{
    private byte? _last;

    /// <summary>The last byte read is one that ends a line, or nothing was read.</summary>
    public bool IsLineEnd => _last is null or (byte)'\n' or (byte)'\r';

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer, cancellationToken);
        if (read > 0) _last = buffer.Span[read - 1];
        return read;
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
}
