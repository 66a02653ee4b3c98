using System.Globalization;
using System.Runtime.CompilerServices;

namespace SalesforceSync.Decode;

/// <summary>
/// Reads the value of one leaf. The shape is always checked, and text always has to be text; whether Postgres can hold the value is checked only where it is
/// wanted, so that enrichment which nobody stores cannot stop an event.
/// </summary>
internal static class LeafReader
{
    public static void Read(ref AvroReader reader, in BodyStep step, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        switch (step.Kind)
        {
            case StepKind.Text: ReadText(ref reader, step.Leaf!, payload, ref writes); break;
            case StepKind.Integer: ReadInteger(ref reader, step, ref writes); break;
            case StepKind.Double: ReadDouble(ref reader, step.Leaf!, ref writes); break;
            case StepKind.Boolean: ReadBoolean(ref reader, step.Leaf!, ref writes); break;
            default: ReadRare(ref reader, step, payload, ref writes); break;
        }
    }

    // Apart, so that the frequent kinds need not clear room for what these hold.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadRare(ref AvroReader reader, in BodyStep step, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        switch (step.Kind)
        {
            case StepKind.Float: ReadFloat(ref reader, step.Leaf!, ref writes); break;
            case StepKind.Enum: ReadEnum(ref reader, step, ref writes); break;
            case StepKind.Bytes or StepKind.Fixed: ReadBytes(ref reader, step, payload, ref writes); break;
            case StepKind.Decimal: ReadDecimal(ref reader, step, ref writes); break;
            case StepKind.TextList: ReadTextList(ref reader, step.Leaf!, ref writes); break;
            default: ReadJson(ref reader, step, ref writes); break;
        }
    }

    private static void ReadText(ref AvroReader reader, LeafField leaf, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        var text = reader.ReadText(out var storable);
        if (!writes.Wants(leaf)) return;
        var value = storable ? payload.Slice(reader.Position - text.Length, text.Length) : StorableText.Substitute(text);
        writes.Add(leaf, FieldValue.Of(value), substituted: !storable);
    }

    private static void ReadInteger(ref AvroReader reader, in BodyStep step, ref WriteCollector writes)
    {
        var start = reader.Position;
        var number = step.Type is AvroPrimitive { Kind: AvroKind.Int } ? reader.ReadInt() : reader.ReadLong();
        if (writes.Wants(step.Leaf!)) writes.Add(step.Leaf!, FieldValue.Of(Meaning(ref reader, step, number, start)));
    }

    private static void ReadDouble(ref AvroReader reader, LeafField leaf, ref WriteCollector writes)
    {
        var start = reader.Position;
        var number = reader.ReadDouble();
        if (writes.Wants(leaf)) AddNumber(ref reader, ref writes, leaf, number, start);
    }

    private static void ReadBoolean(ref AvroReader reader, LeafField leaf, ref WriteCollector writes)
    {
        var boolean = reader.ReadBoolean();
        if (writes.Wants(leaf)) writes.Add(leaf, FieldValue.Of(boolean));
    }

    private static void ReadFloat(ref AvroReader reader, LeafField leaf, ref WriteCollector writes)
    {
        var start = reader.Position;
        // The float's own shortest decimal, not the digits a wider type would show.
        var digits = reader.ReadFloat().ToString("R", CultureInfo.InvariantCulture);
        if (writes.Wants(leaf)) AddNumber(ref reader, ref writes, leaf, double.Parse(digits, CultureInfo.InvariantCulture), start);
    }

    private static void ReadEnum(ref AvroReader reader, in BodyStep step, ref WriteCollector writes)
    {
        var type = (AvroEnum)step.Type!;
        var symbol = reader.ReadIndex(type.Texts.Count, "symbol");
        if (writes.Wants(step.Leaf!)) writes.Add(step.Leaf!, FieldValue.Of(type.Texts[symbol]));
    }

    private static void ReadBytes(ref AvroReader reader, in BodyStep step, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        var bytes = step.Type is AvroFixed whole ? reader.Take(whole.Size, "fixed") : reader.ReadBytes("bytes");
        if (writes.Wants(step.Leaf!)) writes.Add(step.Leaf!, FieldValue.Of(payload.Slice(reader.Position - bytes.Length, bytes.Length)));
    }

    private static void ReadDecimal(ref AvroReader reader, in BodyStep step, ref WriteCollector writes)
    {
        var digits = AvroDecimal.Read(ref reader, step.Type!);
        if (writes.Wants(step.Leaf!)) writes.Add(step.Leaf!, FieldValue.Of(digits));
    }

    private static void ReadTextList(ref AvroReader reader, LeafField leaf, ref WriteCollector writes)
    {
        var wanted = writes.Wants(leaf);
        var list = JoinedList(ref reader, wanted, out var substituted);
        if (wanted) writes.Add(leaf, FieldValue.Of(list), substituted);
    }

    private static void ReadJson(ref AvroReader reader, in BodyStep step, ref WriteCollector writes)
    {
        var json = AvroWalk.Json(ref reader, step.Type!, out var substituted);
        if (json is { } value && writes.Wants(step.Leaf!)) writes.Add(step.Leaf!, FieldValue.Of(value), substituted);
    }

    private static void AddNumber(ref AvroReader reader, ref WriteCollector writes, LeafField leaf, double number, int start)
    {
        if (!double.IsFinite(number)) throw reader.Failure("a number that is not finite", start);
        writes.Add(leaf, FieldValue.Of(number));
    }

    /// <summary>A number in the unit of its field: milliseconds for times, checked against what Postgres can hold.</summary>
    private static long Meaning(ref AvroReader reader, in BodyStep step, long value, int start)
    {
        var inMilliseconds = step.Unit switch
        {
            TimeUnit.Microseconds => PostgresRange.FloorDivide(value, 1_000),
            TimeUnit.Days => value * PostgresRange.Day,
            _ => value,
        };
        return step.Leaf!.Type switch
        {
            FieldType.DateTime when !PostgresRange.IsTimestamp(inMilliseconds) => throw reader.Failure("a time outside what timestamptz holds", start),
            FieldType.DateOnly when !PostgresRange.IsDate(inMilliseconds) => throw reader.Failure("a day outside what date holds", start),
            FieldType.DateOnly => PostgresRange.DayOf(inMilliseconds) * PostgresRange.Day,
            FieldType.TimeOnly when !PostgresRange.IsTime(inMilliseconds) => throw reader.Failure("a time of day outside 0 to 86399999 ms", start),
            _ => inMilliseconds,
        };
    }

    private static ReadOnlyMemory<byte> JoinedList(ref AvroReader reader, bool wanted, out bool substituted)
    {
        substituted = false;
        using var joined = new MemoryStream();
        var first = true;
        for (var block = reader.OpenBlock(); block.Count > 0; block = reader.OpenBlock())
        {
            for (var i = 0; i < block.Count; i++)
            {
                var item = reader.ReadText(out var storable);
                if (!wanted) continue;
                substituted |= !storable;
                if (!first) joined.WriteByte((byte)';');
                joined.Write(storable ? item : StorableText.Substitute(item));
                first = false;
            }

            reader.CloseBlock(block);
        }

        return joined.ToArray();
    }
}
