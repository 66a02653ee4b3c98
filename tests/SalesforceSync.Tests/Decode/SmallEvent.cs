using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

/// <summary>A small change event whose parts can be replaced one at a time by bytes of any kind.</summary>
internal static class SmallEvent
{
    public const string Id = "001Zz00000AAAAAIA0";

    public static readonly string Json = """
        {"type":"record","name":"SmallChangeEvent","namespace":"com.sforce.eventbus","fields":[
        {"name":"ChangeEventHeader","type":{"type":"record","name":"ChangeEventHeader","fields":[
        {"name":"entityName","type":"string"},{"name":"recordIds","type":{"type":"array","items":"string"}},
        {"name":"changeType","type":{"type":"enum","name":"ChangeType","symbols":["CREATE","UPDATE","DELETE","NEWER"]}},
        {"name":"changeOrigin","type":"string"},{"name":"transactionKey","type":"string"},{"name":"sequenceNumber","type":"int"},
        {"name":"commitTimestamp","type":"long"},{"name":"commitNumber","type":"long"},{"name":"commitUser","type":"string"},
        {"name":"nulledFields","type":{"type":"array","items":"string"}},{"name":"diffFields","type":{"type":"array","items":"string"}},
        {"name":"changedFields","type":{"type":"array","items":"string"}}]},"doc":"Data:ComplexValueType"},
        {"name":"Name","type":["null","string",{"type":"record","name":"Switchable_PersonName","fields":[
        {"name":"FirstName","type":["null","string"]},{"name":"LastName","type":["null","string"]}]}],"doc":"Data:Switchable_PersonName"},
        {"name":"Phone","type":["null","string"],"doc":"Data:Phone"},
        {"name":"Employees","type":["null","int"],"doc":"Data:Integer"},
        {"name":"Flag","type":["null","boolean"],"doc":"Data:Boolean"},
        {"name":"BillingAddress","type":["null",{"type":"record","name":"Address","fields":[
        {"name":"City","type":["null","string"]},{"name":"Latitude","type":["null","double"]}]}],"doc":"Data:Address"},
        {"name":"When","type":["null","long"],"doc":"Data:DateTime"},
        {"name":"Day","type":["null","long"],"doc":"Data:DateOnly"},
        {"name":"Time","type":["null","long"],"doc":"Data:TimeOnly"},
        {"name":"Hash","type":["null",{"type":"fixed","name":"Hash8","size":8}]},
        {"name":"Stage","type":["null",{"type":"enum","name":"Stage","symbols":["Open","Won"]}]},
        {"name":"Nothings","type":["null",{"type":"array","items":"null"}]},
        {"name":"Empties","type":["null",{"type":"array","items":{"type":"record","name":"Empty","fields":[]}}]},
        {"name":"Many","type":["null",{"type":"map","values":{"type":"array","items":"long"}}]},
        {"name":"Tags","type":["null",{"type":"array","items":"string"}]},
        {"name":"Score","type":["null","double"],"doc":"Data:Double"},
        {"name":"Price","type":["null",{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}]},
        {"name":"Wide","type":["null",{"type":"array","items":{"type":"record","name":"WideItem","fields":[WIDE]}}]}]}
        """.Replace("WIDE", string.Join(',', Enumerable.Range(0, 20).Select(LongNamed)), StringComparison.Ordinal);

    private static readonly string[] HeaderFields =
    [
        "entityName", "recordIds", "changeType", "changeOrigin", "transactionKey", "sequenceNumber", "commitTimestamp", "commitNumber", "commitUser",
        "nulledFields", "diffFields", "changedFields",
    ];

    private static readonly string[] BodyFields =
    [
        "Name", "Phone", "Employees", "Flag", "BillingAddress", "When", "Day", "Time", "Hash", "Stage", "Nothings", "Empties", "Many", "Tags", "Score", "Price",
        "Wide",
    ];

    public static EventSchema Schema { get; } = EventSchema.Compile("small-schema", Json);

    /// <summary>A CREATE with nothing but its id, one header field replaced.</summary>
    public static (byte[] Payload, int At) WithHeader(string field, byte[] bytes, bool cut = false) => Build(field, bytes, cut, kind: 0);

    /// <summary>A CREATE with one body field: its bytes, branch included.</summary>
    public static (byte[] Payload, int At) WithBody(string field, byte[] bytes, bool cut = false) => Build(field, bytes, cut, kind: 0);

    /// <summary>An UPDATE with these bitmaps and an empty body.</summary>
    public static (byte[] Payload, int At) WithBitmaps(params string[] changed) =>
        Build("changedFields", new PayloadWriter().List(changed).ToArray(), cut: false, kind: 1);

    private static (byte[] Payload, int At) Build(string replaced, byte[] bytes, bool cut, int kind)
    {
        var payload = new PayloadWriter();
        var at = -1;
        foreach (var field in HeaderFields.Concat(BodyFields))
        {
            if (field == replaced)
            {
                at = payload.Length;
                payload.Raw(bytes);
                if (cut) break;
            }
            else
            {
                Default(payload, field, kind);
            }
        }

        return at >= 0 ? (payload.ToArray(), at) : throw new ArgumentException(replaced);
    }

    private static string LongNamed(int number) => $$"""{"name":"{{new string('L', 200)}}{{number}}","type":["null","int"]}""";

    private static void Default(PayloadWriter payload, string field, int kind) => _ = field switch
    {
        "entityName" => payload.Text("Small"),
        "recordIds" => payload.List(Id),
        "changeType" => payload.Long(kind),
        "sequenceNumber" => payload.Long(1),
        "commitTimestamp" => payload.Long(1_767_225_600_000),
        _ => payload.Long(0),
    };
}
