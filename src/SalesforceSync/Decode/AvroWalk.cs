using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SalesforceSync.Decode;

/// <summary>
/// Walks a value of any type: to pass over it, or to turn it into the JSON of a <c>jsonb</c> column. Enums are their symbols, bytes base64, decimals numbers,
/// unions their value; numbers are as they stand, since parts have no doc. The depth is the schema's, at most 32.
/// </summary>
internal static class AvroWalk
{
    // Names of fields stand in the JSON but not in the payload; this much of them is let grow out of a byte.
    private const int MostJsonPerByte = 64;
    private const int MostJsonBeside = 4_096;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Skip(ref AvroReader reader, AvroType type)
    {
        var substituted = false;
        Walk(ref reader, type, null, ref substituted);
    }

    /// <summary>The value as JSON, or null where a union says null.</summary>
    public static ReadOnlyMemory<byte>? Json(ref AvroReader reader, AvroType type, out bool substituted)
    {
        substituted = false;
        if (type is AvroUnion union)
        {
            type = union.Branches[reader.ReadIndex(union.Branches.Count, "branch")];
            if (type is AvroPrimitive { Kind: AvroKind.Null }) return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Options);
        Walk(ref reader, type, writer, ref substituted);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Walk(ref AvroReader reader, AvroType type, Utf8JsonWriter? json, ref bool substituted)
    {
        if (json is not null && json.BytesCommitted + json.BytesPending > ((long)reader.Length * MostJsonPerByte) + MostJsonBeside)
            throw reader.Failure("a value whose JSON would be out of proportion", reader.Position);
        switch (type)
        {
            case AvroUnion union: Walk(ref reader, union.Branches[reader.ReadIndex(union.Branches.Count, "branch")], json, ref substituted); break;
            case AvroRecord record: WalkRecord(ref reader, record, json, ref substituted); break;
            case AvroArray array: WalkArray(ref reader, array, json, ref substituted); break;
            case AvroMap map: WalkMap(ref reader, map, json, ref substituted); break;
            case AvroEnum symbols:
                var symbol = symbols.Symbols[reader.ReadIndex(symbols.Symbols.Count, "symbol")];
                json?.WriteStringValue(symbol);
                break;
            case AvroFixed { Scale: not null } or AvroPrimitive { Logical: AvroLogical.Decimal }:
                var digits = AvroDecimal.Read(ref reader, type);
                json?.WriteRawValue(digits.Span);
                break;
            case AvroFixed bytes:
                var taken = reader.Take(bytes.Size, "fixed");
                json?.WriteBase64StringValue(taken);
                break;
            default: WalkPrimitive(ref reader, ((AvroPrimitive)type).Kind, json, ref substituted); break;
        }
    }

    private static void WalkRecord(ref AvroReader reader, AvroRecord record, Utf8JsonWriter? json, ref bool substituted)
    {
        json?.WriteStartObject();
        foreach (var field in record.Fields)
        {
            reader.Enter(field.Name);
            json?.WritePropertyName(field.Name);
            Walk(ref reader, field.Type, json, ref substituted);
            reader.Leave();
        }

        json?.WriteEndObject();
    }

    private static void WalkArray(ref AvroReader reader, AvroArray array, Utf8JsonWriter? json, ref bool substituted)
    {
        reader.Enter("[]");
        json?.WriteStartArray();
        for (var block = reader.OpenBlock(); block.Count > 0; block = reader.OpenBlock())
        {
            for (var i = 0; i < block.Count; i++) Walk(ref reader, array.Items, json, ref substituted);
            reader.CloseBlock(block);
        }

        json?.WriteEndArray();
        reader.Leave();
    }

    private static void WalkMap(ref AvroReader reader, AvroMap map, Utf8JsonWriter? json, ref bool substituted)
    {
        reader.Enter("[]");
        json?.WriteStartObject();
        for (var block = reader.OpenBlock(); block.Count > 0; block = reader.OpenBlock())
        {
            for (var i = 0; i < block.Count; i++)
            {
                var key = ReadText(ref reader, ref substituted);
                json?.WritePropertyName(key);
                Walk(ref reader, map.Values, json, ref substituted);
            }

            reader.CloseBlock(block);
        }

        json?.WriteEndObject();
        reader.Leave();
    }

    private static void WalkPrimitive(ref AvroReader reader, AvroKind kind, Utf8JsonWriter? json, ref bool substituted)
    {
        var start = reader.Position;
        switch (kind)
        {
            case AvroKind.Null:
                json?.WriteNullValue();
                break;
            case AvroKind.Boolean:
                var boolean = reader.ReadBoolean();
                json?.WriteBooleanValue(boolean);
                break;
            case AvroKind.Int or AvroKind.Long:
                var integer = kind == AvroKind.Int ? reader.ReadInt() : reader.ReadLong();
                json?.WriteNumberValue(integer);
                break;
            case AvroKind.Float or AvroKind.Double:
                var number = kind == AvroKind.Float ? reader.ReadFloat() : reader.ReadDouble();
                if (json is not null && !double.IsFinite(number)) throw reader.Failure("a number that is not finite", start);
                json?.WriteNumberValue(number);
                break;
            case AvroKind.Bytes:
                var bytes = reader.ReadBytes("bytes");
                json?.WriteBase64StringValue(bytes);
                break;
            default:
                var text = ReadText(ref reader, ref substituted);
                json?.WriteStringValue(text);
                break;
        }
    }

    private static ReadOnlySpan<byte> ReadText(ref AvroReader reader, ref bool substituted)
    {
        var text = reader.ReadText(out var storable);
        substituted |= !storable;
        return storable ? text : StorableText.Substitute(text);
    }
}
