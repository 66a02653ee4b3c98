using System.Text.Json;
using SalesforceSync.Simulator.Schemas;

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

    public static void Write(Utf8JsonWriter json, SimulatedObject described)
    {
        WriteSummary(json, described);
        json.WriteStartArray("fields");
        Field(json, "Id", "id", 18);
        Field(json, "IsDeleted", "boolean", 0);
        Field(json, "SystemModstamp", "datetime", 0);
        foreach (var field in described.Fields)
        {
            if (field.Compound is null) Field(json, field.Name, TypeOf(field), LengthOf(field), custom: field.IsCustom);
            else Compound(json, field);
        }
        json.WriteEndArray();
    }

    private static void Compound(Utf8JsonWriter json, SimulatedField field)
    {
        var type = field.Kind switch
        {
            FieldKind.Address => "address",
            FieldKind.Location => "location",
            _ => "string"
        };
        var extra = field.Kind switch
        {
            FieldKind.PersonName => "personname",
            FieldKind.SwitchablePersonName => "switchablepersonname",
            _ => null
        };
        Field(json, field.Name, type, 0, custom: field.IsCustom, extra: extra);
        foreach (var part in field.Compound!.Parts)
        {
            Field(json, field.RestNameOf(part), part.Kind == ValueKind.Number ? "double" : "string", 255, field.Name, field.IsCustom);
        }
    }

    private static void Field(Utf8JsonWriter json, string name, string type, int length, string? compound = null, bool custom = false, string? extra = null)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("type", type);
        json.WriteNumber("length", length);
        json.WriteNumber("precision", type is "double" or "currency" or "percent" ? 18 : 0);
        json.WriteNumber("scale", type is "double" or "currency" or "percent" ? 2 : 0);
        json.WriteBoolean("nillable", type is not ("id" or "boolean"));
        json.WriteBoolean("calculated", false);
        json.WriteBoolean("custom", custom);
        json.WriteString("compoundFieldName", compound);
        json.WriteString("extraTypeInfo", extra);
        json.WriteEndObject();
    }

    private static int LengthOf(SimulatedField field) => field.Kind == FieldKind.EntityId ? 18 : field.ValueKind == ValueKind.Text ? field.MaxLength : 0;

    private static string TypeOf(SimulatedField field) => field.Kind switch
    {
        FieldKind.Email => "email",
        FieldKind.Phone => "phone",
        FieldKind.Url => "url",
        FieldKind.StringPlusClob or FieldKind.HtmlStringPlusClob => "textarea",
        FieldKind.EncryptedText => "encryptedstring",
        FieldKind.DynamicEnum or FieldKind.StaticEnum => "picklist",
        FieldKind.MultiEnum => "multipicklist",
        FieldKind.EntityId => "reference",
        FieldKind.Boolean => "boolean",
        FieldKind.Integer => "int",
        FieldKind.Double => "double",
        FieldKind.Currency => "currency",
        FieldKind.Percent => "percent",
        FieldKind.DateTime => "datetime",
        FieldKind.DateOnly => "date",
        FieldKind.TimeOnly => "time",
        _ => "string"
    };
}
