using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;

namespace SalesforceSync.Snapshot;

/// <summary>A value that does not fit the column its field has; the value itself is not told.</summary>
internal sealed class UnreadableValueException(string field, ColumnType type) : Exception($"a value of {field} is no {type.Sql()}: the field has changed its type")
{
    public string Field { get; } = field;
}

/// <summary>
/// Values as REST and Bulk write them, in text, made into what the stream would have brought for them. An empty text is null: Salesforce stores none.
/// </summary>
internal static class SalesforceText
{
    private static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
    private static readonly string[] TimeForms = ["HH:mm:ss.FFFFFFF'Z'", "HH:mm:ss.FFFFFFF"];

    /// <summary>A field's value as it is kept: where it is masked, what stands in its place.</summary>
    /// <exception cref="UnreadableValueException">The text is no value of the type.</exception>
    public static FieldValue Value(EvidenceField field, ReadOnlySpan<byte> utf8, TextRoom room)
    {
        var value = Value(field.Name, field.AsRead ?? field.Type, utf8, room);
        return field.Mask is { } mask ? mask.Of(value) : value;
    }

    /// <param name="field">For the message only.</param>
    /// <exception cref="UnreadableValueException">The text is no value of the type.</exception>
    public static FieldValue Value(string field, ColumnType type, ReadOnlySpan<byte> utf8, TextRoom room)
    {
        if (utf8.IsEmpty) return FieldValue.Null;
        try
        {
            return type switch
            {
                ColumnType.Text or ColumnType.Json => FieldValue.Of(room.Text(utf8)),
                ColumnType.Numeric => FieldValue.Of(Digits(utf8, room)),
                ColumnType.Boolean => FieldValue.Of(Truth(utf8)),
                ColumnType.Integer => FieldValue.Of((long)checked((int)Whole(utf8))),
                ColumnType.BigInteger => FieldValue.Of(Whole(utf8)),
                ColumnType.Double => FieldValue.Of(double.Parse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture)),
                ColumnType.Timestamp => FieldValue.Of(Moment(utf8).ToUnixTimeMilliseconds()),
                ColumnType.Date => FieldValue.Of(Day(utf8)),
                ColumnType.Time => FieldValue.Of(TimeOfDay(utf8)),
                ColumnType.Bytes => FieldValue.Of(Convert.FromBase64String(Encoding.UTF8.GetString(utf8))),
                _ => throw new ArgumentOutOfRangeException(nameof(type)),
            };
        }
        catch (Exception misfit) when (misfit is FormatException or OverflowException)
        {
            throw new UnreadableValueException(field, type);
        }
    }

    /// <summary>Whether a flag says true; empty says false.</summary>
    public static bool IsTrue(ReadOnlySpan<byte> utf8) => !utf8.IsEmpty && Truth(utf8);

    /// <summary>A date and time, with <c>Z</c> (Bulk) or <c>+0000</c> (REST).</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DateTimeOffset Moment(ReadOnlySpan<byte> utf8) => Usual(utf8)
        ?? DateTimeOffset.Parse(Encoding.UTF8.GetString(utf8), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    // 2026-01-31T23:59:59.000Z and …+0000: nearly all of them, without the general parser, which costs more than all the rest of a row.
    private static DateTimeOffset? Usual(ReadOnlySpan<byte> text)
    {
        if (text.Length is not (24 or 28) || text[10] != 'T' || !(text[23..].SequenceEqual("Z"u8) || text[23..].SequenceEqual("+0000"u8))) return null;
        return UsualDay(text[..10]) is { } day && UsualTime(text[11..23]) is { } time ? new DateTimeOffset(day.ToDateTime(default).Ticks + time, TimeSpan.Zero) : null;
    }

    // 2026-01-31
    private static DateOnly? UsualDay(ReadOnlySpan<byte> text)
    {
        if (text.Length != 10 || text[4] != '-' || text[7] != '-') return null;
        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        return year > 0 && month is > 0 and <= 12 && day > 0 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
    }

    // 23:59:59.000, in ticks
    private static long? UsualTime(ReadOnlySpan<byte> text)
    {
        if (text.Length != 12 || text[2] != ':' || text[5] != ':' || text[8] != '.') return null;
        var (hour, minute, second, milli) = (Number(text[..2]), Number(text[3..5]), Number(text[6..8]), Number(text[9..]));
        return (hour | minute | second | milli) >= 0 && hour <= 23 && minute <= 59 && second <= 59
            ? (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond) + (milli * TimeSpan.TicksPerMillisecond)
            : null;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9') return -1;
            number = (number * 10) + (digit - '0');
        }
        return number;
    }

    // A date may come with a time behind it, which is midnight.
    private static long Day(ReadOnlySpan<byte> text)
    {
        var date = text[..Math.Min(text.Length, 10)];
        var day = UsualDay(date) ?? DateOnly.ParseExact(Encoding.UTF8.GetString(date), "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return (day.DayNumber - EpochDay) * PostgresRange.Day;
    }

    private static long TimeOfDay(ReadOnlySpan<byte> text) =>
        ((text.Length > 0 && text[^1] == 'Z' ? UsualTime(text[..^1]) : null)
            ?? TimeOnly.ParseExact(Encoding.UTF8.GetString(text), TimeForms, CultureInfo.InvariantCulture).Ticks) / TimeSpan.TicksPerMillisecond;

    private static bool Truth(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("true"u8) || (!text.SequenceEqual("false"u8) && (Ascii.EqualsIgnoreCase(text, "true"u8) || text.SequenceEqual("1"u8)
            || (Ascii.EqualsIgnoreCase(text, "false"u8) || text.SequenceEqual("0"u8) ? false : throw new FormatException("no boolean"))));

    // Whole numbers are written with a fraction of zero where they came from a double.
    private static long Whole(ReadOnlySpan<byte> text)
    {
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length) return whole;
        var number = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return decimal.Truncate(number) == number ? decimal.ToInt64(number) : throw new FormatException("no whole number");
    }

    // Decimals go on as they are, exact. The writer parses them, but whether they can be parsed has to be known before its transaction.
    private static ReadOnlyMemory<byte> Digits(ReadOnlySpan<byte> text, TextRoom room)
    {
        var (digits, points, exponents) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is >= (byte)'0' and <= (byte)'9') digits++;
            else if (text[i] == '.' && points == 0 && exponents == 0) points++;
            else if (text[i] is (byte)'e' or (byte)'E' && digits > 0 && exponents == 0) (digits, exponents) = (0, 1);
            else if (!(text[i] is (byte)'-' or (byte)'+' && (i == 0 || text[i - 1] is (byte)'e' or (byte)'E'))) throw new FormatException("no number");
        }
        return digits > 0 ? room.Ascii(text) : throw new FormatException("no digits");
    }
}

/// <summary>
/// Where the bytes of many short texts lie, in few arrays. What Postgres cannot hold (U+0000, halves of surrogate pairs, no UTF-8 at all) is replaced on
/// the way in. Used by one thread; the texts live as long as anybody refers to them.
/// </summary>
internal sealed class TextRoom
{
    // Below the size from which arrays live until a full collection.
    private const int Block = 64 * 1024;

    private byte[] _block = [];
    private int _used;

    /// <summary>Bytes kept so far.</summary>
    public long Length { get; private set; }

    /// <summary>Texts so far of which something was replaced.</summary>
    public int Substitutes { get; private set; }

    public ReadOnlyMemory<byte> Text(ReadOnlySpan<byte> utf8) => StorableText.StateOf(utf8) switch
    {
        TextState.Storable => Ascii(utf8),
        TextState.ToBeSubstituted => Substitute(utf8),
        _ => Substitute(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(utf8))),
    };

    /// <summary>Bytes that are known to be fine.</summary>
    public ReadOnlyMemory<byte> Ascii(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (bytes.Length > Block / 2) return bytes.ToArray();
        if (_block.Length - _used < bytes.Length) (_block, _used) = (new byte[Block], 0);
        var kept = _block.AsMemory(_used, bytes.Length);
        bytes.CopyTo(kept.Span);
        _used += bytes.Length;
        return kept;
    }

    private byte[] Substitute(ReadOnlySpan<byte> utf8)
    {
        Substitutes++;
        return StorableText.Substitute(utf8);
    }
}
