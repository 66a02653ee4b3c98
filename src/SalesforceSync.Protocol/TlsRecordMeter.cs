using System.Buffers.Binary;

namespace SalesforceSync.Protocol;

/// <summary>TLS records as they lie on the wire (RFC 8446, 5.1): one byte of type, two of version, two of length.</summary>
internal sealed class TlsRecordMeter() : BlockMeter(5)
{
    protected override int Begin(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
}
