using System.Text;
using System.Text.Json;

namespace SalesforceSync.Decode;

/// <summary>
/// The JSON of a parsed schema, as much of it as decides how a payload is read. Each named type gets a namespace of its own, so that two of one name do not
/// meet; the name itself stays, since it says what a compound is.
/// </summary>
internal static class AvroSchemaText
{
    private const int MostDigits = 1_000;

    public static string Of(AvroRecord root)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
            Write(json, root, []);
        return Encoding.UTF8.GetString(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private static void Write(Utf8JsonWriter json, AvroType type, Dictionary<AvroType, string> names)
    {
        switch (type)
        {
            case AvroUnion union:
                json.WriteStartArray();
                foreach (var branch in union.Branches) Write(json, branch, names);
                json.WriteEndArray();
                break;
            case AvroArray array: WritePart(json, "array", "items", array.Items, names); break;
            case AvroMap map: WritePart(json, "map", "values", map.Values, names); break;
            case AvroPrimitive primitive: Write(json, primitive); break;
            default: WriteNamed(json, type, names); break;
        }
    }

    private static void WritePart(Utf8JsonWriter json, string type, string property, AvroType part, Dictionary<AvroType, string> names)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WritePropertyName(property);
        Write(json, part, names);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AvroPrimitive primitive)
    {
        var kind = primitive.Kind.ToString().ToLowerInvariant();
        if (primitive.Logical == AvroLogical.None)
        {
            json.WriteStringValue(kind);
            return;
        }
        json.WriteStartObject();
        json.WriteString("type", kind);
        WriteLogical(json, primitive.Logical, primitive.Scale, MostDigits);
        json.WriteEndObject();
    }

    private static void WriteNamed(Utf8JsonWriter json, AvroType type, Dictionary<AvroType, string> names)
    {
        if (names.TryGetValue(type, out var known))
        {
            json.WriteStringValue(known);
            return;
        }
        var (kind, own) = type switch
        {
            AvroRecord record => ("record", record.Name),
            AvroEnum symbols => ("enum", symbols.Name),
            _ => ("fixed", "Fixed"),
        };
        var name = $"n{names.Count}.{own}";
        names.Add(type, name);
        json.WriteStartObject();
        json.WriteString("type", kind);
        json.WriteString("name", name);
        if (type is AvroRecord fields) WriteFields(json, fields, names);
        if (type is AvroEnum { Symbols: var list })
        {
            json.WriteStartArray("symbols");
            foreach (var symbol in list) json.WriteStringValue(symbol);
            json.WriteEndArray();
        }
        if (type is AvroFixed whole)
        {
            json.WriteNumber("size", whole.Size);
            if (whole.Scale is { } scale) WriteLogical(json, AvroLogical.Decimal, scale, DigitsOf(whole.Size));
        }
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, AvroRecord record, Dictionary<AvroType, string> names)
    {
        json.WriteStartArray("fields");
        foreach (var field in record.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WritePropertyName("type");
            Write(json, field.Type, names);
            if (field.Doc is not null) json.WriteString("doc", field.Doc);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>The most that so many bytes can hold (Avro specification, "Decimal").</summary>
    private static int DigitsOf(int bytes) => Math.Clamp((int)Math.Floor(((8.0 * bytes) - 1) * Math.Log10(2)), 1, MostDigits);

    private static void WriteLogical(Utf8JsonWriter json, AvroLogical logical, int scale, int digits)
    {
        json.WriteString("logicalType", logical switch
        {
            AvroLogical.TimestampMillis => "timestamp-millis",
            AvroLogical.TimestampMicros => "timestamp-micros",
            AvroLogical.Date => "date",
            AvroLogical.TimeMillis => "time-millis",
            AvroLogical.TimeMicros => "time-micros",
            _ => "decimal",
        });
        if (logical != AvroLogical.Decimal) return;
        // How many it was said to have is not kept: whoever rounds to it must not round.
        json.WriteNumber("precision", Math.Max(scale, digits));
        json.WriteNumber("scale", scale);
    }
}
