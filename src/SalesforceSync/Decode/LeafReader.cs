using System.Globalization;

namespace SalesforceSync.Decode;

/// <summary>
/// Reads the value of one leaf. The shape is always checked, and text always has to be text; whether Postgres can hold the value is checked only where it is
/// wanted, so that enrichment which nobody stores cannot stop an event.
/// </summary>
internal static class LeafReader
{
    public static void Read(ref AvroReader reader, in BodyStep step, LeafField leaf, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        var wanted = writes.Wants(leaf);
        var start = reader.Position;
        switch (step.Kind)
        {
            case StepKind.Text:
                var text = reader.ReadText();
                if (wanted) AddText(ref writes, leaf, payload.Slice(reader.Position - text.Length, text.Length));
                break;
            case StepKind.Boolean:
                var boolean = reader.ReadBoolean();
                if (wanted) writes.Add(leaf, FieldValue.Of(boolean));
                break;
            case StepKind.Integer:
                var integer = step.Type is AvroPrimitive { Kind: AvroKind.Int } ? reader.ReadInt() : reader.ReadLong();
                if (wanted) writes.Add(leaf, FieldValue.Of(Meaning(ref reader, step, leaf, integer, start)));
                break;
            case StepKind.Float:
                var single = reader.ReadFloat();
                // The float's own shortest decimal, not the digits a wider type would show.
                if (wanted) AddNumber(ref reader, ref writes, leaf, double.Parse(single.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), start);
                break;
            case StepKind.Double:
                var number = reader.ReadDouble();
                if (wanted) AddNumber(ref reader, ref writes, leaf, number, start);
                break;
            case StepKind.Enum:
                var type = (AvroEnum)step.Type!;
                var symbol = reader.ReadIndex(type.Texts.Count, "symbol");
                if (wanted) writes.Add(leaf, FieldValue.Of(type.Texts[symbol]));
                break;
            default:
                ReadMade(ref reader, step, leaf, payload, wanted, ref writes);
                break;
        }
    }

    /// <summary>The kinds that are rare or need memory of their own.</summary>
    private static void ReadMade(
        ref AvroReader reader, in BodyStep step, LeafField leaf, ReadOnlyMemory<byte> payload, bool wanted, ref WriteCollector writes)
    {
        var start = reader.Position;
        switch (step.Kind)
        {
            case StepKind.Bytes or StepKind.Fixed:
                var bytes = step.Type is AvroFixed whole ? reader.Take(whole.Size, "fixed") : reader.ReadBytes("bytes");
                if (wanted) writes.Add(leaf, FieldValue.Of(payload.Slice(reader.Position - bytes.Length, bytes.Length)));
                break;
            case StepKind.Decimal:
                var digits = AvroDecimal.Read(ref reader, step.Type!);
                if (wanted) writes.Add(leaf, FieldValue.Of(digits));
                break;
            case StepKind.TextList:
                var list = JoinedList(ref reader, wanted);
                if (wanted) AddText(ref writes, leaf, list);
                break;
            default:
                var json = AvroWalk.Json(ref reader, step.Type!, out var substituted);
                if (wanted && json is { } value) writes.Add(leaf, FieldValue.Of(value), substituted);
                break;
        }
    }

    private static void AddText(ref WriteCollector writes, LeafField leaf, ReadOnlyMemory<byte> text)
    {
        var storable = StorableText.Of(text, out var substituted);
        writes.Add(leaf, FieldValue.Of(storable), substituted);
    }

    private static void AddNumber(ref AvroReader reader, ref WriteCollector writes, LeafField leaf, double number, int start)
    {
        if (!double.IsFinite(number)) throw reader.Failure("a number that is not finite", start);
        writes.Add(leaf, FieldValue.Of(number));
    }

    /// <summary>A number in the unit of its field: milliseconds for times, checked against what Postgres can hold.</summary>
    private static long Meaning(ref AvroReader reader, in BodyStep step, LeafField leaf, long value, int start)
    {
        var inMilliseconds = step.Unit switch
        {
            TimeUnit.Microseconds => PostgresRange.FloorDivide(value, 1_000),
            TimeUnit.Days => value * PostgresRange.Day,
            _ => value,
        };
        return leaf.Type switch
        {
            FieldType.DateTime when !PostgresRange.IsTimestamp(inMilliseconds) => throw reader.Failure("a time outside what timestamptz holds", start),
            FieldType.DateOnly when !PostgresRange.IsDate(inMilliseconds) => throw reader.Failure("a day outside what date holds", start),
            FieldType.DateOnly => PostgresRange.DayOf(inMilliseconds) * PostgresRange.Day,
            FieldType.TimeOnly when !PostgresRange.IsTime(inMilliseconds) => throw reader.Failure("a time of day outside 0 to 86399999 ms", start),
            _ => inMilliseconds,
        };
    }

    private static ReadOnlyMemory<byte> JoinedList(ref AvroReader reader, bool wanted)
    {
        using var joined = new MemoryStream();
        var first = true;
        for (var block = reader.OpenBlock(1); block.Count > 0; block = reader.OpenBlock(1))
        {
            for (var i = 0; i < block.Count; i++)
            {
                var item = reader.ReadText();
                if (!wanted) continue;
                if (!first) joined.WriteByte((byte)';');
                joined.Write(item);
                first = false;
            }

            reader.CloseBlock(block);
        }

        return joined.ToArray();
    }
}
