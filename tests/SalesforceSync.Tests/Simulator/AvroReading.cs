using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace SalesforceSync.Tests.Simulator;

/// <summary>
/// A reader of Avro that knows nothing but a schema's JSON: slow, generic, and of another hand than both the simulator's writer and the product's decoder.
/// </summary>
internal sealed class AvroReading
{
    private readonly Dictionary<string, JsonElement> _named = new(StringComparer.Ordinal);
    private readonly byte[] _bytes;
    private int _at;

    private AvroReading(byte[] bytes) => _bytes = bytes;

    /// <summary>Records become dictionaries in schema order, arrays lists, unions their value.</summary>
    public static Dictionary<string, object?> Read(JsonElement schema, byte[] payload)
    {
        var reading = new AvroReading(payload);
        var record = (Dictionary<string, object?>)reading.Value(schema)!;
        reading._at.ShouldBe(payload.Length, "bytes are left over");
        return record;
    }

    private object? Value(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Array) return Value(schema[(int)Long()]);
        if (schema.ValueKind == JsonValueKind.String)
        {
            return schema.GetString() switch
            {
                "null" => null,
                "string" => Text(),
                "boolean" => _bytes[_at++] == 1,
                "int" => (int)Long(),
                "long" => Long(),
                "double" => Double(),
                var name => Value(_named[name!])
            };
        }
        var type = schema.GetProperty("type");
        switch (type.GetString())
        {
            case "record":
                _named[schema.GetProperty("name").GetString()!] = schema;
                var record = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var field in schema.GetProperty("fields").EnumerateArray())
                {
                    Define(field.GetProperty("type"));
                    record.Add(field.GetProperty("name").GetString()!, Value(field.GetProperty("type")));
                }
                return record;
            case "array":
                var items = new List<string>();
                for (var count = Long(); count != 0; count = Long())
                {
                    for (; count > 0; count--) items.Add((string)Value(schema.GetProperty("items"))!);
                }
                return items;
            case "enum":
                return schema.GetProperty("symbols")[(int)Long()].GetString();
            default:
                return Value(type);
        }
    }

    // A type is known from where it is defined on, even when no value of it was there.
    private void Define(JsonElement type)
    {
        if (type.ValueKind == JsonValueKind.Array)
        {
            foreach (var branch in type.EnumerateArray()) Define(branch);
        }
        else if (type.ValueKind == JsonValueKind.Object && type.TryGetProperty("name", out var name))
        {
            _named[name.GetString()!] = type;
        }
    }

    private long Long()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _bytes[_at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return (long)(value >> 1) ^ -(long)(value & 1);
        }
    }

    private double Double()
    {
        _at += 8;
        return BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(_at - 8));
    }

    private string Text()
    {
        var length = (int)Long();
        _at += length;
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(_bytes, _at - length, length);
    }
}
