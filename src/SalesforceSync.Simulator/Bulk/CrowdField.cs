using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>Writes one field of the members of a crowd as CSV bytes, without making objects: what <see cref="CrowdValues"/> says, quickly.</summary>
/// <param name="Longest">No value has more bytes.</param>
/// <param name="Write">Member and room to written bytes.</param>
internal sealed record CrowdField(int Longest, CrowdField.Writer Write)
{
    private static readonly byte[][] Days = [.. Enumerable.Range(0, 301).Select(day => Utf8(CrowdValues.Epoch.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))];

    public delegate int Writer(int number, Span<byte> to);

    public static CrowdField Of(Crowd crowd, ObjectColumn column)
    {
        if (column.Name == "Id") return new CrowdField(18, CrowdId.For(crowd));
        if (column.Name == "SystemModstamp") return new CrowdField(24, (number, to) => Moment(number * 10L % 25_920_000, number % 1000, to));
        if (column.Name == "IsDeleted") return Always("false");
        if (column.Name == "MasterRecordId") return Always("");
        if ((column.Leaf ?? (column.ExtraType is null ? null : crowd.Object.Find(column.Name))) is not { } leaf)
            return column.ExtraType == "personname" ? Person(crowd) : Slow(crowd, column);
        if (leaf.RestName == "LastModifiedDate") return new CrowdField(24, (number, to) => Moment(number * 10L % 25_920_000, 0, to));
        if (leaf.RestName is "OwnerId" or "CreatedById" or "LastModifiedById") return Always(CrowdValues.User);
        if (leaf.RestName == "CreatedDate") return Always(WireText.Csv(CrowdValues.Epoch));
        return Plain(leaf) is { } plain ? plain with { Write = (number, to) => CrowdValues.IsEmpty(leaf, number) ? 0 : plain.Write(number, to) } : Slow(crowd, column);
    }

    private static CrowdField? Plain(Leaf leaf)
    {
        switch (leaf.Kind)
        {
            case ValueKind.Boolean:
                return new CrowdField(5, (number, to) => Copy((number & 1) == 0 ? "true"u8 : "false"u8, to));
            case ValueKind.WholeNumber:
                return new CrowdField(11, (number, to) => Whole(number, to));
            case ValueKind.Number:
                return new CrowdField(14, (number, to) => Hundredths(CrowdValues.HundredthsOf(leaf, number), to));
            case ValueKind.DateTime:
                return new CrowdField(24, (number, to) => Moment(number % 86_400, 0, to));
            case ValueKind.Date:
                return new CrowdField(10, (number, to) => Copy(Days[number % 300], to));
            case ValueKind.Text when leaf.Field.Kind != FieldKind.EntityId && leaf.Field.Choices.Count > 0:
                var choices = leaf.Field.Choices.Select(Utf8).ToArray();
                return new CrowdField(choices.Max(choice => choice.Length), (number, to) => Copy(choices[number % choices.Length], to));
            case ValueKind.Text when leaf.Field.Kind != FieldKind.EntityId:
                return Text(leaf);
            case ValueKind.Text:
                var ids = Enumerable.Range(0, 1000).Select(i => Utf8(SalesforceId.Make("001", 1 + i))).ToArray();
                return new CrowdField(18, (number, to) => Copy(ids[number % 1000], to));
            case ValueKind.Time:
                var times = Enumerable.Range(0, 120).Select(i => Utf8(WireText.Csv(new TimeOnly(i % 24, i % 60)))).ToArray();
                return new CrowdField(13, (number, to) => Copy(times[number % 120], to));
            default:
                return null;
        }
    }

    private static CrowdField Text(Leaf leaf)
    {
        var name = Utf8(leaf.RestName + " ");
        var more = Utf8(" says \"\"Grüße, 世界\"\"\nand more");
        return new CrowdField(name.Length + 11 + more.Length, (number, to) =>
        {
            var written = Copy(name, to);
            written += Whole(number, to[written..]);
            return (number & 15) == 3 ? written + Copy(more, to[written..]) : written;
        });
    }

    // FirstName MiddleName LastName Suffix, as far as a member has them.
    private static CrowdField Person(Crowd crowd)
    {
        var parts = new[] { "FirstName", "MiddleName", "LastName", "Suffix" }.Select(crowd.Object.Find).OfType<Leaf>().Select(leaf => (Leaf: leaf, Field: Text(leaf))).ToArray();
        return new CrowdField(parts.Sum(part => part.Field.Longest + 1), (number, to) =>
        {
            var written = 0;
            foreach (var (leaf, field) in parts)
            {
                if (CrowdValues.IsEmpty(leaf, number)) continue;
                if (written > 0) to[written++] = (byte)' ';
                written += field.Write(number, to[written..]);
            }
            return written;
        });
    }

    private static CrowdField Always(string text)
    {
        var bytes = Utf8(text);
        return new CrowdField(bytes.Length, (_, to) => Copy(bytes, to));
    }

    // What is rarely asked for goes the long way.
    private static CrowdField Slow(Crowd crowd, ObjectColumn column)
        => new(2048, (number, to) => Encoding.UTF8.GetBytes(WireText.Csv(column.Read(crowd.Record(number))).Replace("\"", "\"\"", StringComparison.Ordinal), to));

    private static int Moment(long seconds, int milliseconds, Span<byte> to)
    {
        var written = Copy(Days[(int)(seconds / 86_400)], to);
        var second = (int)(seconds % 86_400);
        to[written] = (byte)'T';
        Two(second / 3600, to[(written + 1)..]);
        to[written + 3] = (byte)':';
        Two(second / 60 % 60, to[(written + 4)..]);
        to[written + 6] = (byte)':';
        Two(second % 60, to[(written + 7)..]);
        to[written + 9] = (byte)'.';
        to[written + 10] = (byte)('0' + (milliseconds / 100));
        Two(milliseconds % 100, to[(written + 11)..]);
        to[written + 13] = (byte)'Z';
        return written + 14;
    }

    private static int Hundredths(int hundredths, Span<byte> to)
    {
        var written = Whole(hundredths / 100, to);
        var rest = hundredths % 100;
        to[written++] = (byte)'.';
        to[written++] = (byte)('0' + (rest / 10));
        if (rest % 10 != 0) to[written++] = (byte)('0' + (rest % 10));
        return written;
    }

    private static void Two(int number, Span<byte> to)
    {
        to[0] = (byte)('0' + (number / 10));
        to[1] = (byte)('0' + (number % 10));
    }

    private static int Whole(int number, Span<byte> to) => Utf8Formatter.TryFormat(number, to, out var written) ? written : throw new InvalidOperationException("no room");

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> to)
    {
        bytes.CopyTo(to);
        return bytes.Length;
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
