using System.Text;

namespace SalesforceSync.Tests.Decode;

/// <summary>Writes Avro binary by hand, right or wrong; written apart from the decoder on purpose.</summary>
internal sealed class PayloadWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public byte[] ToArray() => [.. _bytes];

    public PayloadWriter Raw(params ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes) _bytes.Add(b);
        return this;
    }

    public PayloadWriter Long(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        for (; rest >= 0x80; rest >>= 7) _bytes.Add((byte)(rest | 0x80));
        _bytes.Add((byte)rest);
        return this;
    }

    public PayloadWriter Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Long(bytes.Length).Raw(bytes);
    }

    public PayloadWriter List(params IReadOnlyCollection<string> items)
    {
        if (items.Count > 0) Long(items.Count);
        foreach (var item in items) Text(item);
        return Long(0);
    }

    /// <summary>The bytes of one number.</summary>
    public static byte[] Number(long value) => new PayloadWriter().Long(value).ToArray();
}
