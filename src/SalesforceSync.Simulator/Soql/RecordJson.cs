using System.Text.Json;
using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Soql;

/// <summary>A record the way REST answers with it.</summary>
internal static class RecordJson
{
    /// <param name="version">As in the request's path: <c>v66.0</c>.</param>
    public static void Write(Utf8JsonWriter json, SimulatedRecord record, IReadOnlyList<ObjectColumn> columns, string version)
    {
        json.WriteStartObject();
        Attributes(json, record.Object.Name, $"/services/data/{version}/sobjects/{record.Object.Name}/{record.Id}");
        foreach (var column in columns)
        {
            json.WritePropertyName(column.Name);
            if (column.Parts.Count > 0) Compound(json, record, column);
            else Value(json, column.Read(record));
        }
        json.WriteEndObject();
    }

    public static void Attributes(Utf8JsonWriter json, string type, string url)
    {
        json.WriteStartObject("attributes");
        json.WriteString("type", type);
        json.WriteString("url", url);
        json.WriteEndObject();
    }

    public static void Value(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int or double or decimal: json.WriteRawValue(WireText.Rest(value)!, skipInputValidation: true); break;
            default: json.WriteStringValue(WireText.Rest(value)); break;
        }
    }

    private static void Compound(Utf8JsonWriter json, SimulatedRecord record, ObjectColumn column)
    {
        if (column.Parts.All(part => record.Values[part.Leaf] is null))
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        foreach (var (name, leaf) in column.Parts)
        {
            json.WritePropertyName(name);
            Value(json, record.Values[leaf]);
        }
        json.WriteEndObject();
    }
}
