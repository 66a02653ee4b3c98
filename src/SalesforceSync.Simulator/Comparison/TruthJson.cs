using System.Buffers;
using System.Globalization;
using System.Text.Json;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>Truth as JSON lines: a line about the whole, then a line per record.</summary>
internal static class TruthJson
{
    private const string DateTimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    private const string DateFormat = "yyyy-MM-dd";
    private const string TimeFormat = "HH:mm:ss.fff";

    /// <summary>Each line with its line feed. A line is valid until the next one is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Lines(Truth truth)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer);
        WriteWhole(json, truth);
        yield return Ended(json, buffer);
        foreach (var record in truth.Records)
        {
            buffer.ResetWrittenCount();
            json.Reset();
            WriteRecord(json, record);
            yield return Ended(json, buffer);
        }
    }

    /// <exception cref="InvalidDataException">The text is no truth.</exception>
    public static async Task<Truth> ReadAsync(Stream stream, CancellationToken stop)
    {
        using var reader = new StreamReader(stream);
        var first = await reader.ReadLineAsync(stop) ?? throw new InvalidDataException("the truth is empty");
        using var whole = JsonDocument.Parse(first);
        var objects = new Dictionary<string, IReadOnlyList<TruthField>>(StringComparer.Ordinal);
        foreach (var one in whole.RootElement.GetProperty("objects").EnumerateObject())
        {
            objects.Add(one.Name, [.. one.Value.EnumerateArray().Select(ReadField)]);
        }
        var records = new List<TruthRecord>();
        while (await reader.ReadLineAsync(stop) is { } line) records.Add(ReadRecord(line, objects));
        return new Truth(whole.RootElement.GetProperty("transactions").GetInt64(), whole.RootElement.GetProperty("events").GetInt64(), objects, records);
    }

    /// <summary>A value the way people and JSON read it.</summary>
    public static string? Show(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTimeOffset moment => moment.ToString(DateTimeFormat, CultureInfo.InvariantCulture),
        DateOnly date => date.ToString(DateFormat, CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString(TimeFormat, CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"no text for {value.GetType()}")
    };

    private static void WriteWhole(Utf8JsonWriter json, Truth truth)
    {
        json.WriteStartObject();
        json.WriteNumber("transactions", truth.Transactions);
        json.WriteNumber("events", truth.Events);
        json.WriteStartObject("objects");
        foreach (var (name, fields) in truth.Objects.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteStartArray(name);
            foreach (var field in fields)
            {
                json.WriteStartArray();
                json.WriteStringValue(field.Name);
                json.WriteStringValue(field.Kind.ToString());
                json.WriteBooleanValue(field.Announced);
                json.WriteBooleanValue(field.Visible);
                json.WriteBooleanValue(field.Formula);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRecord(Utf8JsonWriter json, TruthRecord record)
    {
        json.WriteStartObject();
        json.WriteString("object", record.ObjectName);
        json.WriteString("id", record.Id);
        json.WriteBoolean("deleted", record.Deleted);
        json.WriteBoolean("dirty", record.Dirty);
        if (record.Purged) json.WriteBoolean("purged", true);
        json.WriteString("key", record.TransactionKey);
        json.WriteNumber("sequence", record.Sequence);
        if (record.Deletes.Count > 0) WriteDeletes(json, record.Deletes);
        json.WriteStartArray("values");
        foreach (var value in record.Values) WriteValue(json, value);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDeletes(Utf8JsonWriter json, IReadOnlyList<EventPlace> deletes)
    {
        json.WriteStartArray("deletes");
        foreach (var (key, sequence) in deletes)
        {
            json.WriteStartArray();
            json.WriteStringValue(key);
            json.WriteNumberValue(sequence);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            default: json.WriteStringValue(Show(value)); break;
        }
    }

    private static TruthField ReadField(JsonElement field)
        => new(field[0].GetString()!, Enum.Parse<ValueKind>(field[1].GetString()!))
        {
            Announced = field[2].GetBoolean(),
            Visible = field[3].GetBoolean(),
            Formula = field[4].GetBoolean()
        };

    private static TruthRecord ReadRecord(string line, Dictionary<string, IReadOnlyList<TruthField>> objects)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        var name = root.GetProperty("object").GetString()!;
        var values = root.GetProperty("values").EnumerateArray().Zip(objects[name], (value, field) => ReadValue(value, field.Kind)).ToArray();
        return new TruthRecord(
            name, root.GetProperty("id").GetString()!, root.GetProperty("deleted").GetBoolean(), root.GetProperty("dirty").GetBoolean(),
            root.GetProperty("key").GetString(), root.GetProperty("sequence").GetInt32(), values)
        {
            Purged = root.TryGetProperty("purged", out _),
            Deletes = root.TryGetProperty("deletes", out var deletes) ? [.. deletes.EnumerateArray().Select(at => new EventPlace(at[0].GetString()!, at[1].GetInt32()))] : []
        };
    }

    private static object? ReadValue(JsonElement value, ValueKind kind) => value.ValueKind == JsonValueKind.Null ? null : kind switch
    {
        ValueKind.Boolean => value.GetBoolean(),
        ValueKind.WholeNumber => value.GetInt32(),
        ValueKind.Number => ReadNumber(value),
        ValueKind.DateTime => value.GetDateTimeOffset(),
        ValueKind.Date => DateOnly.ParseExact(value.GetString()!, DateFormat, CultureInfo.InvariantCulture),
        ValueKind.Time => TimeOnly.ParseExact(value.GetString()!, TimeFormat, CultureInfo.InvariantCulture),
        _ => value.GetString()
    };

    // A double where it says the number exactly, else the decimal.
    private static object ReadNumber(JsonElement value)
    {
        var number = value.GetDouble();
        return DecimalText.Canonical(number) != DecimalText.Canonical(value.GetRawText()) && value.TryGetDecimal(out var exact) ? exact : number;
    }

    private static ReadOnlyMemory<byte> Ended(Utf8JsonWriter json, ArrayBufferWriter<byte> buffer)
    {
        json.Flush();
        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }
}
