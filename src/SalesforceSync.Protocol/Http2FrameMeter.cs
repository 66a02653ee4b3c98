using System.Buffers.Binary;

namespace SalesforceSync.Protocol;

/// <summary>The frames of one HTTP/2 connection (RFC 9113, 4.1), and how many bytes of bodies were among them.</summary>
internal sealed class Http2FrameMeter() : BlockMeter(9)
{
    private const byte Data = 0;
    private const byte Padded = 8;

    private bool _isPadded;
    private long _bodyBytes;

    /// <summary>Content of DATA frames, without padding.</summary>
    public long BodyBytes => Interlocked.Read(ref _bodyBytes);

    protected override int Begin(ReadOnlySpan<byte> header)
    {
        var length = BinaryPrimitives.ReadInt32BigEndian(header) >>> 8;
        var isData = header[3] == Data;
        _isPadded = isData && (header[4] & Padded) != 0;
        if (isData)
        {
            Interlocked.Add(ref _bodyBytes, length);
        }

        return length;
    }

    protected override void PassBody(ReadOnlySpan<byte> part)
    {
        if (!_isPadded)
        {
            return;
        }

        // The first byte says how much padding there is beside it.
        _isPadded = false;
        Interlocked.Add(ref _bodyBytes, -1 - part[0]);
    }
}
