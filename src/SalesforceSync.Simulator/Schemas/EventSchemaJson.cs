using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SalesforceSync.Simulator.Schemas;

/// <summary>
/// Writes Avro schemas in the shape Salesforce gives them: header record first, unions with null first, no logical types,
/// the meaning of a field in its <c>doc</c>, nested records defined at first use and named afterwards.
/// </summary>
internal static class EventSchemaJson
{
    public static string Write(string recordName, IEnumerable<SimulatedField> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "record");
            json.WriteString("name", recordName);
            json.WriteString("namespace", "com.sforce.eventbus");
            json.WriteStartArray("fields");
            WriteHeader(json);
            var defined = new HashSet<string>(StringComparer.Ordinal);
            foreach (var field in fields) WriteField(json, field, defined);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteHeader(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", "ChangeEventHeader");
        json.WriteStartObject("type");
        json.WriteString("type", "record");
        json.WriteString("name", "ChangeEventHeader");
        json.WriteStartArray("fields");
        WritePlain(json, "entityName", "string");
        WriteStrings(json, "recordIds");
        WriteChangeType(json);
        WritePlain(json, "changeOrigin", "string");
        WritePlain(json, "transactionKey", "string");
        WritePlain(json, "sequenceNumber", "int");
        WritePlain(json, "commitTimestamp", "long");
        WritePlain(json, "commitNumber", "long");
        WritePlain(json, "commitUser", "string");
        WriteStrings(json, "nulledFields");
        WriteStrings(json, "diffFields");
        WriteStrings(json, "changedFields");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("doc", "Data:ComplexValueType");
        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, SimulatedField field, HashSet<string> defined)
    {
        json.WriteStartObject();
        json.WriteString("name", field.Name);
        json.WriteStartArray("type");
        json.WriteStringValue("null");
        if (field.Kind == FieldKind.SwitchablePersonName) json.WriteStringValue("string");
        if (field.Compound is not { } compound) json.WriteStringValue(AvroTypeOf(field.ValueKind));
        else if (defined.Add(compound.RecordName)) WriteCompound(json, compound);
        else json.WriteStringValue(compound.RecordName);
        json.WriteEndArray();
        json.WriteString("doc", field.Doc);
        json.WriteNull("default");
        json.WriteEndObject();
    }

    private static void WriteCompound(Utf8JsonWriter json, CompoundShape compound)
    {
        json.WriteStartObject();
        json.WriteString("type", "record");
        json.WriteString("name", compound.RecordName);
        json.WriteStartArray("fields");
        foreach (var part in compound.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteStartArray("type");
            json.WriteStringValue("null");
            json.WriteStringValue(AvroTypeOf(part.Kind));
            json.WriteEndArray();
            json.WriteNull("default");
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteChangeType(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", "changeType");
        json.WriteStartObject("type");
        json.WriteString("type", "enum");
        json.WriteString("name", "ChangeType");
        json.WriteStartArray("symbols");
        foreach (var symbol in Events.ChangeType.Symbols) json.WriteStringValue(symbol);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePlain(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("type", type);
        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("type");
        json.WriteString("type", "array");
        json.WriteString("items", "string");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string AvroTypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Text => "string",
        ValueKind.Boolean => "boolean",
        ValueKind.WholeNumber => "int",
        ValueKind.Number => "double",
        _ => "long"
    };
}
