using System.Buffers.Binary;
using System.Text;

namespace SalesforceSync.Apply;

/// <summary>Rows in the binary COPY format (Postgres documentation, COPY, "Binary Format"): network byte order, every field with its length before it.</summary>
internal sealed class CopyBuffer
{
    private static ReadOnlySpan<byte> Signature =>
        [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private byte[] _bytes = new byte[1 << 16];
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Signature, no flags, no extension.</summary>
    public void Header() => Signature.CopyTo(Take(Signature.Length));

    public void Trailer() => Int16(-1);

    public void StartRow(int fields) => Int16(checked((short)fields));

    public void Null() => Int32(-1);

    public void BooleanField(bool value) => Field(1)[0] = value ? (byte)1 : (byte)0;

    public void BooleanField(bool? value)
    {
        if (value is { } known) BooleanField(known);
        else Null();
    }

    public void Int32Field(int value) => BinaryPrimitives.WriteInt32BigEndian(Field(4), value);

    public void Int64Field(long value) => BinaryPrimitives.WriteInt64BigEndian(Field(8), value);

    public void DoubleField(double value) => BinaryPrimitives.WriteDoubleBigEndian(Field(8), value);

    public void BytesField(ReadOnlySpan<byte> value) => value.CopyTo(Field(value.Length));

    public void TextField(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    /// <summary>jsonb travels as its text after a version byte.</summary>
    public void JsonField(ReadOnlySpan<byte> value)
    {
        Int32(value.Length + 1);
        Take(1)[0] = 1;
        value.CopyTo(Take(value.Length));
    }

    public void Int16(short value) => BinaryPrimitives.WriteInt16BigEndian(Take(2), value);

    public void Int32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    /// <summary>Room for a field of so many bytes, behind its length.</summary>
    private Span<byte> Field(int count)
    {
        var field = Take(checked(sizeof(int) + count));
        BinaryPrimitives.WriteInt32BigEndian(field, count);
        return field[sizeof(int)..];
    }

    private Span<byte> Take(int count)
    {
        var needed = checked(_length + count);
        if (needed > _bytes.Length) Grow(needed);
        var taken = _bytes.AsSpan(_length, count);
        _length = needed;
        return taken;
    }

    private void Grow(int needed) => Array.Resize(ref _bytes, Math.Max(needed, Math.Min(_bytes.Length * 2, Array.MaxLength)));
}
