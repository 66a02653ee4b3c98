using System.Text.Json;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>An object the way describe tells it: every part of a compound a field of its own, the compound beside them.</summary>
internal static class ObjectDescription
{
    public static void WriteSummary(Utf8JsonWriter json, SimulatedObject described)
    {
        json.WriteString("name", described.Name);
        json.WriteString("label", described.Name.Replace("__c", "", StringComparison.Ordinal));
        json.WriteString("keyPrefix", described.KeyPrefix);
        json.WriteBoolean("custom", described.Name.EndsWith("__c", StringComparison.Ordinal));
        json.WriteBoolean("queryable", true);
        json.WriteBoolean("replicateable", true);
        json.WriteBoolean("retrieveable", true);
    }

    public static void Write(Utf8JsonWriter json, ObjectColumns columns)
    {
        WriteSummary(json, columns.Object);
        json.WriteStartArray("fields");
        foreach (var column in columns.All) Field(json, column);
        json.WriteEndArray();
    }

    private static void Field(Utf8JsonWriter json, ObjectColumn column)
    {
        var isNumber = column.Type is "double" or "currency" or "percent";
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("label", column.Name.Replace("__c", "", StringComparison.Ordinal));
        json.WriteString("type", column.Type);
        json.WriteNumber("length", column.Length);
        json.WriteNumber("precision", isNumber ? 18 : 0);
        json.WriteNumber("scale", isNumber ? 2 : 0);
        json.WriteBoolean("nillable", column.Type is not ("id" or "boolean"));
        json.WriteBoolean("calculated", column.IsCalculated);
        json.WriteBoolean("custom", column.IsCustom);
        json.WriteString("compoundFieldName", column.Compound);
        json.WriteString("extraTypeInfo", column.ExtraType);
        json.WriteEndObject();
    }
}
