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
    private static readonly string[] TimeForms = ["HH:mm:ss.FFFFFFF'Z'", "HH:mm:ss.FFFFFFF"];

    /// <exception cref="FormatException">The text is no value of the type.</exception>
    /// <exception cref="OverflowException">The value is beyond the type.</exception>
    public static FieldValue Value(ColumnType type, ReadOnlySpan<char> text, TextRoom room)
    {
        if (text.IsEmpty) return FieldValue.Null;
        return type switch
        {
            ColumnType.Text or ColumnType.Json => FieldValue.Of(room.Utf8(text)),
            ColumnType.Numeric => FieldValue.Of(Digits(text, room)),
            ColumnType.Boolean => FieldValue.Of(Truth(text)),
            ColumnType.Integer or ColumnType.BigInteger => FieldValue.Of(Whole(text)),
            ColumnType.Double => FieldValue.Of(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
            ColumnType.Timestamp => FieldValue.Of(Moment(text).ToUnixTimeMilliseconds()),
            ColumnType.Date => FieldValue.Of(Day(text)),
            ColumnType.Time => FieldValue.Of(TimeOfDay(text)),
            ColumnType.Bytes => FieldValue.Of(Convert.FromBase64String(text.ToString())),
            _ => throw new ArgumentOutOfRangeException(nameof(type)),
        };
    }

    /// <summary>A date and time, with <c>Z</c> (Bulk) or <c>+0000</c> (REST).</summary>
    public static DateTimeOffset Moment(ReadOnlySpan<char> text)
    {
        if (Usual(text) is { } usual) return usual;
        return DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
    }

    // 2026-01-31T23:59:59.000Z and …+0000: nearly all of them, without the general parser, which costs as much as all the rest of a row.
    private static DateTimeOffset? Usual(ReadOnlySpan<char> text)
    {
        if (text.Length is not (24 or 28) || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != '.'
            || !(text[23..] is "Z" or "+0000")) return null;
        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second, milli) = (Number(text[11..13]), Number(text[14..16]), Number(text[17..19]), Number(text[20..23]));
        if ((year | month | day | hour | minute | second | milli) < 0 || year == 0 || month is 0 or > 12 || day == 0 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59) return null;
        return new DateTimeOffset(year, month, day, hour, minute, second, milli, TimeSpan.Zero);
    }

    private static int Number(ReadOnlySpan<char> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit)) return -1;
            number = (number * 10) + (digit - '0');
        }
        return number;
    }

    // A date may come with a time behind it, which is midnight.
    private static long Day(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf('T');
        var day = DateOnly.ParseExact(end < 0 ? text : text[..end], "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * PostgresRange.Day;
    }

    private static long TimeOfDay(ReadOnlySpan<char> text) =>
        (long)TimeOnly.ParseExact(text, TimeForms, CultureInfo.InvariantCulture).ToTimeSpan().TotalMilliseconds;

    private static bool Truth(ReadOnlySpan<char> text) => text switch
    {
        "true" or "TRUE" or "True" or "1" => true,
        "false" or "FALSE" or "False" or "0" => false,
        _ => throw new FormatException("no boolean"),
    };

    // Whole numbers are written with a fraction of zero by some versions.
    private static long Whole(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
        ? whole
        : decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) is var number && decimal.Truncate(number) == number ? (long)number : throw new FormatException("no whole number");

    // Decimals go on as they are, exact; the writer parses them, but a misfit has to be known before the transaction.
    private static ReadOnlyMemory<byte> Digits(ReadOnlySpan<char> text, TextRoom room)
    {
        var (digits, exponent) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsAsciiDigit(text[i])) digits++;
            else if (text[i] is 'e' or 'E' && digits > 0 && !exponent) (exponent, digits) = (true, 0);
            else if (!(text[i] is '-' or '+' or '.')) throw new FormatException("no number");
        }
        return digits > 0 ? room.Utf8(text) : throw new FormatException("no digits");
    }
}

/// <summary>
/// Where the UTF-8 of many short texts lies, in few arrays. What Postgres cannot hold (U+0000, halves of surrogate pairs) is replaced on the way.
/// Used by one thread; the texts live as long as anybody refers to them.
/// </summary>
internal sealed class TextRoom
{
    // Below the size from which arrays live until the next full collection.
    private const int Block = 64 * 1024;

    // Up to here the most a text can take is reserved instead of counted.
    private const int Short = 256;

    private byte[] _block = [];
    private int _used;

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    public ReadOnlyMemory<byte> Utf8(ReadOnlySpan<char> text)
    {
        var room = Take(text.Length <= Short ? Encoding.UTF8.GetMaxByteCount(text.Length) : Encoding.UTF8.GetByteCount(text));
        var written = Encoding.UTF8.GetBytes(text, room.Span);
        var bytes = room[..written];
        _used += written;
        Length += written;
        return bytes.Span.Contains((byte)0) ? StorableText.Substitute(bytes.Span) : bytes;
    }

    private Memory<byte> Take(int most)
    {
        if (_block.Length - _used < most)
        {
            // A long text gets an array of its own; the rest of the block stays for the next ones only if it is the block we fill.
            _block = new byte[Math.Max(most, Block)];
            _used = 0;
        }
        return _block.AsMemory(_used);
    }
}
