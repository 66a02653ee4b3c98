using System.Text.Json;

namespace SalesforceSync.Decode;

/// <summary>
/// Reads Avro schema JSON. Everything is bounded before it is built, since schemas come over the network: JSON of 8 MB and 256 levels, 10,000 types with shared
/// ones counted at each use, 32 records, arrays and maps inside each other, fixed types of 1 MB. Recursive types are refused: no change event has one, and
/// without them no payload can make the decoder recurse beyond the schema. Throws <see cref="SchemaException"/> only.
/// </summary>
internal sealed class AvroSchemaParser
{
    /// <summary>Records, arrays and maps inside each other.</summary>
    public const int DeepestType = 32;

    private const int LongestJson = 8 * 1024 * 1024;
    private const int DeepestJson = 256;
    private const int MostTypes = 10_000;
    private const int LargestFixed = 1024 * 1024;
    private const int MostDigits = 1_000;

    private readonly string _schemaId;
    private readonly AvroNames _names = new();
    private readonly Stack<string> _path = new();
    private int _types;

    private AvroSchemaParser(string schemaId) => _schemaId = schemaId;

    public static AvroType Parse(string schemaId, string json)
    {
        var parser = new AvroSchemaParser(schemaId);
        if (json.Length > LongestJson) throw parser.Failure($"the JSON has {json.Length} characters, more than {LongestJson}");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestJson });
            return parser.Type(document.RootElement, "");
        }
        catch (JsonException e)
        {
            throw new SchemaException($"not JSON of at most {DeepestJson} levels (line {e.LineNumber}, byte {e.BytePositionInLine})", "", schemaId, e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Thrown by System.Text.Json for halves of surrogate pairs, in the text itself or behind an escape.
            throw parser.Failure("text that is not well-formed Unicode", e);
        }
    }

    private AvroType Type(JsonElement element, string enclosing)
    {
        if (++_types > MostTypes) throw Failure($"more than {MostTypes} types");
        var type = element.ValueKind switch
        {
            JsonValueKind.String => Named(element.GetString()!, enclosing),
            JsonValueKind.Array => Union(element, enclosing),
            JsonValueKind.Object => Defined(element, enclosing),
            _ => throw Failure($"a type must be a name, a list or an object, not a JSON {element.ValueKind}"),
        };
        if (type.Depth > DeepestType) throw Failure($"more than {DeepestType} records, arrays and maps inside each other");
        if (type.Nodes > MostTypes) throw Failure($"more than {MostTypes} types when shared ones are counted at each use");
        return type;
    }

    private AvroType Named(string name, string enclosing)
    {
        if (KindOf(name) is { } kind) return new AvroPrimitive(kind);
        if (!AvroNames.IsFullName(name)) throw Failure("a type name that is not one");
        if (!_names.TryFind(name, enclosing, out var type)) throw Failure($"unknown type {name}");
        return type ?? throw Failure($"{name} contains itself");
    }

    private AvroUnion Union(JsonElement element, string enclosing)
    {
        var branches = new List<AvroType>();
        foreach (var item in element.EnumerateArray())
        {
            var branch = Type(item, enclosing);
            if (branch is AvroUnion) throw Failure("a union directly inside a union");
            branches.Add(branch);
        }

        if (branches.Count == 0) throw Failure("an empty union");
        var kinds = branches.OfType<AvroPrimitive>().Select(p => p.Kind).ToList();
        if (kinds.Distinct().Count() != kinds.Count || branches.OfType<AvroArray>().Count() > 1 || branches.OfType<AvroMap>().Count() > 1)
            throw Failure("a union with two branches of one kind");
        var named = branches.Where(b => b is AvroRecord or AvroEnum or AvroFixed).ToList();
        if (named.Distinct().Count() != named.Count) throw Failure("a union that names one type twice");
        return new AvroUnion(branches);
    }

    private AvroType Defined(JsonElement element, string enclosing)
    {
        if (!element.TryGetProperty("type", out var inner)) throw Failure("an object without type");
        if (inner.ValueKind != JsonValueKind.String) return Type(inner, enclosing);
        var type = inner.GetString()!;
        return type switch
        {
            "record" or "error" => Definition(element, enclosing, Record),
            "enum" => Definition(element, enclosing, Enum),
            "fixed" => Definition(element, enclosing, Fixed),
            "array" => new AvroArray(Part(element, "items", enclosing)),
            "map" => new AvroMap(Part(element, "values", enclosing)),
            _ when KindOf(type) is { } kind => Primitive(element, kind),
            _ => Named(type, enclosing),
        };
    }

    private AvroType Part(JsonElement element, string property, string enclosing) =>
        element.TryGetProperty(property, out var part) ? Type(part, enclosing) : throw Failure($"an array or map without {property}");

    private AvroType Definition(JsonElement element, string enclosing, Func<JsonElement, string, AvroType> read)
    {
        var name = AvroNames.FullName(Text(element, "name") ?? throw Failure("a definition without name"), Text(element, "namespace"), enclosing);
        if (!AvroNames.IsFullName(name)) throw Failure("a definition whose name is not one");
        if (!_names.Open(name)) throw Failure($"{name} is defined twice");
        var type = read(element, name);
        _names.Close(name, type);
        return type;
    }

    private AvroRecord Record(JsonElement element, string name)
    {
        if (!element.TryGetProperty("fields", out var list) || list.ValueKind != JsonValueKind.Array) throw Failure($"record {name} without fields");
        if (_path.Count == 0) _path.Push(AvroNames.ShortName(name));
        var fields = new List<AvroField>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || Text(item, "name") is not { } field || !AvroNames.IsName(field))
                throw Failure($"a field of {name} without a proper name");
            _path.Push(field);
            if (!seen.Add(field)) throw Failure("two fields of one name");
            if (!item.TryGetProperty("type", out var type)) throw Failure("a field without type");
            fields.Add(new AvroField(field, Type(type, AvroNames.NamespaceOf(name)), Text(item, "doc")));
            _path.Pop();
        }

        return new AvroRecord(AvroNames.ShortName(name), fields);
    }

    private AvroEnum Enum(JsonElement element, string name)
    {
        if (!element.TryGetProperty("symbols", out var list) || list.ValueKind != JsonValueKind.Array) throw Failure($"enum {name} without symbols");
        var symbols = new List<string>();
        foreach (var item in list.EnumerateArray())
        {
            if (symbols.Count == MostTypes) throw Failure($"enum {name} has more than {MostTypes} symbols");
            if (item.ValueKind != JsonValueKind.String || !AvroNames.IsName(item.GetString()!)) throw Failure($"a symbol of {name} that is not one");
            symbols.Add(item.GetString()!);
        }

        if (symbols.Distinct(StringComparer.Ordinal).Count() != symbols.Count) throw Failure($"enum {name} has a symbol twice");
        return new AvroEnum(AvroNames.ShortName(name), symbols);
    }

    private AvroFixed Fixed(JsonElement element, string name)
    {
        if (!element.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt32(out var bytes))
            throw Failure($"fixed {name} without a size");
        if (bytes is < 0 or > LargestFixed) throw Failure($"fixed {name} of {bytes} bytes, outside 0 to {LargestFixed}");
        return new AvroFixed(bytes, DecimalScale(element));
    }

    private static AvroPrimitive Primitive(JsonElement element, AvroKind kind) => (kind, Text(element, "logicalType")) switch
    {
        (AvroKind.Long, "timestamp-millis") => new(kind, AvroLogical.TimestampMillis),
        (AvroKind.Long, "timestamp-micros") => new(kind, AvroLogical.TimestampMicros),
        (AvroKind.Long, "time-micros") => new(kind, AvroLogical.TimeMicros),
        (AvroKind.Int, "time-millis") => new(kind, AvroLogical.TimeMillis),
        (AvroKind.Int, "date") => new(kind, AvroLogical.Date),
        (AvroKind.Bytes, "decimal") when DecimalScale(element) is { } scale => new(kind, AvroLogical.Decimal, scale),
        _ => new(kind),
    };

    /// <summary>Null when the type is no decimal, or one whose attributes make no sense and are therefore to be ignored.</summary>
    private static int? DecimalScale(JsonElement element)
    {
        if (Text(element, "logicalType") != "decimal") return null;
        var precision = Number(element, "precision") ?? 0;
        var scale = element.TryGetProperty("scale", out _) ? Number(element, "scale") : 0;
        return precision is >= 1 and <= MostDigits && scale >= 0 && scale <= precision ? scale : null;
    }

    private static int? Number(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static AvroKind? KindOf(string name) => name switch
    {
        "null" => AvroKind.Null,
        "boolean" => AvroKind.Boolean,
        "int" => AvroKind.Int,
        "long" => AvroKind.Long,
        "float" => AvroKind.Float,
        "double" => AvroKind.Double,
        "bytes" => AvroKind.Bytes,
        "string" => AvroKind.String,
        _ => null,
    };

    private SchemaException Failure(string what, Exception? inner = null) => new(what, string.Join('.', _path.Reverse()), _schemaId, inner);
}
