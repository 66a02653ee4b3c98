using System.Text;
using System.Text.Json.Nodes;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Apply;

/// <summary>Event schemas for tests, written as Avro and compiled by the product's own compiler.</summary>
internal sealed class TestSchema(string objectName)
{
    private readonly JsonArray _fields = [Header()];

    public TestSchema Field(string name, string type, string doc = "Data:Text") => Field(name, JsonNode.Parse(type)!, doc);

    public TestSchema Text(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            Field(name, "\"string\"");
        return this;
    }

    public TestSchema Compound(string name, string recordName, string doc, params IEnumerable<(string Part, string Type)> parts) =>
        Field(name, Record(recordName, parts), doc);

    /// <summary>The name of a Contact, Lead or User.</summary>
    public TestSchema PersonName(params IEnumerable<string> parts) => Compound("Name", "PersonName", "Name:PersonName", parts.Select(p => (p, "\"string\"")));

    /// <summary>The name of an Account where person accounts are on.</summary>
    public TestSchema SwitchableName(params IEnumerable<string> parts)
    {
        var type = new JsonArray("null", "string", Record("Switchable_PersonName", parts.Select(p => (p, "\"string\""))));
        _fields.Add(new JsonObject { ["name"] = "Name", ["type"] = type, ["default"] = null, ["doc"] = "Name:Switchable_PersonName" });
        return this;
    }

    public EventSchema Build(string schemaId) => EventSchema.Compile(schemaId, new JsonObject
    {
        ["type"] = "record",
        ["name"] = objectName.EndsWith("__c", StringComparison.Ordinal) ? objectName[..^1] + "ChangeEvent" : objectName + "ChangeEvent",
        ["namespace"] = "com.sforce.eventbus",
        ["fields"] = _fields.DeepClone(),
    }.ToJsonString());

    private TestSchema Field(string name, JsonNode type, string doc)
    {
        _fields.Add(new JsonObject { ["name"] = name, ["type"] = new JsonArray("null", type), ["default"] = null, ["doc"] = doc });
        return this;
    }

    private static JsonObject Record(string name, IEnumerable<(string Part, string Type)> parts) => new()
    {
        ["type"] = "record",
        ["name"] = name,
        ["fields"] = new JsonArray([.. parts.Select(p => new JsonObject { ["name"] = p.Part, ["type"] = new JsonArray("null", JsonNode.Parse(p.Type)), ["default"] = null })]),
    };

    private static JsonObject Header()
    {
        static JsonObject Field(string name, JsonNode type) => new() { ["name"] = name, ["type"] = type };
        static JsonNode Strings() => new JsonObject { ["type"] = "array", ["items"] = "string" };
        var kinds = new JsonObject
        {
            ["type"] = "enum",
            ["name"] = "ChangeType",
            ["symbols"] = new JsonArray("CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"),
        };
        return Field("ChangeEventHeader", new JsonObject
        {
            ["type"] = "record",
            ["name"] = "ChangeEventHeader",
            ["fields"] = new JsonArray(
                Field("entityName", "string"), Field("recordIds", Strings()), Field("changeType", kinds), Field("changeOrigin", "string"),
                Field("transactionKey", "string"), Field("sequenceNumber", "int"), Field("commitTimestamp", "long"), Field("commitNumber", "long"),
                Field("commitUser", "string"), Field("nulledFields", Strings()), Field("diffFields", Strings()), Field("changedFields", Strings())),
        });
    }
}

/// <summary>Values as the decoder gives them.</summary>
internal static class Value
{
    public static FieldValue Null => FieldValue.Null;

    public static FieldValue Of(string? text) => text is null ? FieldValue.Null : FieldValue.Of(Encoding.UTF8.GetBytes(text));

    public static FieldValue Of(double number) => FieldValue.Of(number);

    public static FieldValue Of(long number) => FieldValue.Of(number);
}
