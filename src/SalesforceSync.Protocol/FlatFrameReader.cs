using System.Buffers.Binary;

namespace SalesforceSync.Protocol;

/// <summary>
/// Cuts a body into messages with one contiguous buffer that grows to the largest message seen. A length is checked against the limit
/// before anything is allocated for it. One reader at a time.
/// </summary>
internal sealed class FlatFrameReader(Stream body, int maxMessage)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _taken;
    private long _settled;

    /// <summary>Bytes of the messages after each of which the next was asked for. Any thread.</summary>
    public long Settled => Interlocked.Read(ref _settled);

    /// <returns>The next message, valid until the next call; null when the body ended between two messages.</returns>
    /// <exception cref="GrpcException">The body broke off inside a message, or the message is compressed or too large.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken stop)
    {
        Interlocked.Exchange(ref _settled, _taken - (_end - _start));
        if (!await FillAsync(GrpcFrame.HeaderLength, stop))
        {
            return _start == _end ? null : throw Broken();
        }

        var compressed = _buffer[_start];
        var length = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start + 1));
        if (compressed != 0)
        {
            throw new GrpcException(
                compressed == 1 ? GrpcStatusCode.Unimplemented : GrpcStatusCode.Internal,
                compressed == 1 ? "the peer sent a compressed message though only identity was offered" : "a message begins with a flag that gRPC does not know");
        }

        if (length > maxMessage)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"a message of {length} bytes is over the limit of {maxMessage} bytes");
        }

        if (!await FillAsync(GrpcFrame.HeaderLength + (int)length, stop))
        {
            throw Broken();
        }

        var message = _buffer.AsMemory(_start + GrpcFrame.HeaderLength, (int)length);
        _start += GrpcFrame.HeaderLength + (int)length;
        return message;
    }

    private static GrpcException Broken() => new(GrpcStatusCode.Internal, "the body ended inside a message");

    private async ValueTask<bool> FillAsync(int wanted, CancellationToken stop)
    {
        if (_end - _start >= wanted)
        {
            return true;
        }

        MakeRoom(wanted);
        while (_end - _start < wanted)
        {
            var read = await body.ReadAsync(_buffer.AsMemory(_end), stop);
            if (read == 0)
            {
                return false;
            }

            _end += read;
            _taken += read;
        }

        return true;
    }

    private void MakeRoom(int wanted)
    {
        if (_buffer.Length - _start >= wanted)
        {
            return;
        }

        var target = wanted <= _buffer.Length ? _buffer : new byte[Math.Min(Math.Max(wanted, _buffer.Length * 2), maxMessage + GrpcFrame.HeaderLength)];
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _buffer = target;
        _end -= _start;
        _start = 0;
    }
}
