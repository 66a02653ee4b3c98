using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SalesforceSync.Simulator.Events;

/// <summary>Writes Avro's binary encoding (specification 1.11, "Binary Encoding"). Reused for one payload after another; not for several threads.</summary>
internal sealed class AvroWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear() => _bytes.ResetWrittenCount();

    public void Boolean(bool value)
    {
        _bytes.GetSpan(1)[0] = value ? (byte)1 : (byte)0;
        _bytes.Advance(1);
    }

    /// <summary>An int or a long: zigzag, then seven bits a byte, lowest first.</summary>
    public void Long(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        var span = _bytes.GetSpan(10);
        var length = 0;
        for (; rest >= 0x80; rest >>= 7) span[length++] = (byte)(rest | 0x80);
        span[length++] = (byte)rest;
        _bytes.Advance(length);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_bytes.GetSpan(8), value);
        _bytes.Advance(8);
    }

    public void String(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Long(length);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }

    public void Strings(IReadOnlyList<string> values)
    {
        if (values.Count > 0)
        {
            Long(values.Count);
            foreach (var value in values) String(value);
        }
        Long(0);
    }
}
