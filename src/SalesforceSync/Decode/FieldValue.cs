using System.Text;

namespace SalesforceSync.Decode;

/// <summary>
/// A decoded scalar. Text, bytes and json are slices of the event's payload (valid as long as the event) or own memory; validated UTF-8 where text.
/// DateTime and DateOnly hold epoch milliseconds, TimeOnly milliseconds since midnight, all in <see cref="Integer"/>, already checked against what Postgres can hold.
/// </summary>
internal readonly struct FieldValue
{
    // One of the two numbers at most, in its bits: a value is copied several times on its way to the row.
    private readonly long _bits;

    private FieldValue(bool isNull, long bits, ReadOnlyMemory<byte> bytes) => (IsNull, _bits, Bytes) = (isNull, bits, bytes);

    /// <summary>The cleared field: SQL null. An unchanged field has no value at all (it is not among the writes).</summary>
    public static FieldValue Null { get; } = new(true, 0, default);

    public bool IsNull { get; }

    /// <summary>Boolean (0 or 1), Integer, BigInteger, DateTime, DateOnly, TimeOnly.</summary>
    public long Integer => _bits;

    /// <summary>Numeric from a double, and Coordinate.</summary>
    public double Number => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>Text, TextList, Json as UTF-8; Bytes as they are; Numeric from an Avro decimal as ASCII digits (then not empty).</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public static FieldValue Of(long integer) => new(false, integer, default);

    public static FieldValue Of(bool boolean) => new(false, boolean ? 1 : 0, default);

    public static FieldValue Of(double number) => new(false, BitConverter.DoubleToInt64Bits(number), default);

    public static FieldValue Of(ReadOnlyMemory<byte> bytes) => new(false, 0, bytes);
}
