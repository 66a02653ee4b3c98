using System.Diagnostics;
using System.Text;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class HostileSchemaTests
{
    private const string Address = """{"type":"record","name":"Address","fields":[{"name":"City","type":["null","string"]}]}""";

    private static readonly Dictionary<string, (string Json, string Says, string Path)> Schemas = new()
    {
        ["not JSON"] = ("{", "not JSON", ""),
        ["empty"] = ("", "not JSON", ""),
        ["JSON 10,000 deep"] = (new string('[', 10_000) + new string(']', 10_000), "256 levels", ""),
        ["objects 10,000 deep"] = (Repeat("""{"type":""", 10_000) + "\"string\"" + Repeat("}", 10_000), "256 levels", ""),
        ["more than 8 MB"] = (new string(' ', 9_000_000), "more than 8388608", ""),
        ["a number"] = ("7", "a type must be", ""),
        ["half a surrogate pair behind an escape"] = ("""{"type":"record","name":"\ud800","fields":[]}""", "well-formed", ""),
        ["half a surrogate pair"] = ("\"\uD800\"", "well-formed", ""),
        ["recursive record"] = (With("""["null",{"type":"record","name":"Node","fields":[{"name":"Next","type":["null","Node"]}]}]"""), "contains itself", "X.Value.Next"),
        ["record directly in itself"] = ("""{"type":"record","name":"Me","fields":[{"name":"Self","type":"Me"}]}""", "Me contains itself", "Me.Self"),
        ["record in itself through an array"] = ("""{"type":"record","name":"Me","fields":[{"name":"All","type":{"type":"array","items":"Me"}}]}""", "contains itself", "Me.All"),
        ["empty union"] = (With("[]"), "an empty union", "X.Value"),
        ["union in union"] = (With("""["null",["null","string"]]"""), "a union directly inside a union", "X.Value"),
        ["union of two strings"] = (With("""["string","string"]"""), "two branches of one kind", "X.Value"),
        ["union that names a type twice"] = (With($$"""["null",{{Address}},"Address"]"""), "one type twice", "X.Value"),
        ["type defined twice"] = (With($$"""["null",{{Address}}]""", $$"""["null",{{Address}}]"""), "com.x.Address is defined twice", "X.Other"),
        ["unknown type"] = (With("""["null","Adress"]"""), "unknown type Adress", "X.Value"),
        ["type of another namespace"] = (With("\"string\"", """["null","org.y.Address"]"""), "unknown type org.y.Address", "X.Other"),
        ["type name with a quote"] = (With("\"a'b\""), "a type name that is not one", "X.Value"),
        ["two fields of one name"] = ("""{"type":"record","name":"X","fields":[{"name":"A","type":"int"},{"name":"A","type":"int"}]}""", "two fields of one name", "X.A"),
        ["field without type"] = ("""{"type":"record","name":"X","fields":[{"name":"A"}]}""", "a field without type", "X.A"),
        ["field without name"] = ("""{"type":"record","name":"X","fields":[{"type":"int"}]}""", "without a proper name", "X"),
        ["field name that is none"] = ("""{"type":"record","name":"X","fields":[{"name":"a\"; drop","type":"int"}]}""", "without a proper name", "X"),
        ["record without fields"] = ("""{"type":"record","name":"X"}""", "without fields", ""),
        ["fixed of 2^31-1"] = (With("""{"type":"fixed","name":"F","size":2147483647}"""), "fixed com.x.F of 2147483647 bytes", "X.Value"),
        ["fixed of 2^40"] = (With("""{"type":"fixed","name":"F","size":1099511627776}"""), "without a size", "X.Value"),
        ["fixed of negative size"] = (With("""{"type":"fixed","name":"F","size":-1}"""), "of -1 bytes", "X.Value"),
        ["enum symbol twice"] = (With("""{"type":"enum","name":"E","symbols":["A","A"]}"""), "a symbol twice", "X.Value"),
        ["enum without symbols"] = (With("""{"type":"enum","name":"E"}"""), "without symbols", "X.Value"),
        ["array without items"] = (With("""{"type":"array"}"""), "without items", "X.Value"),
        ["arrays 40 deep"] = (With(Repeat("""{"type":"array","items":""", 40) + "\"int\"" + Repeat("}", 40)), "more than 32", "X.Value"),
        ["records 40 deep by reference"] = (ByReference(40, 1), "more than 32", "X.F33"),
        ["records that multiply by reference"] = (ByReference(20, 3), "counted at each use", "X.F9"),
        ["70,000 fields"] = ($$"""{"type":"record","name":"X","fields":[{{string.Join(',', Enumerable.Range(0, 70_000).Select(i => $$"""{"name":"F{{i}}","type":"int"}"""))}}]}""", "more than 10000 types", "X.F9999"),
        ["no record"] = ("\"string\"", "not a record", ""),
        ["no header"] = ("""{"type":"record","name":"X","fields":[{"name":"A","type":"int"}]}""", "not a change event", "X"),
        ["header that is no record"] = ("""{"type":"record","name":"X","fields":[{"name":"ChangeEventHeader","type":"string"}]}""", "not a change event", "X"),
        ["header that can be null"] = (Event(header: """["null",HEADER]"""), "not a change event", "X"),
        ["header without record ids"] = (Event().Replace("recordIds", "records", StringComparison.Ordinal), "no recordIds", "X.ChangeEventHeader"),
        ["sequence number that is a string"] = (Event().Replace("\"sequenceNumber\",\"type\":\"int\"", "\"sequenceNumber\",\"type\":\"string\"", StringComparison.Ordinal), "not the type it must have", "X.ChangeEventHeader.sequenceNumber"),
        ["two fields that become one column"] = (Event($$"""{"name":"Street","type":"string"},{"name":"Address","type":["null",{"type":"record","name":"Address","fields":[{"name":"Street","type":"string"}]}]}"""), "a second field named Street", "X.Address.Street"),
    };

    public static TheoryData<string> Names => [.. Schemas.Keys];

    /// <summary>A good one, with a type that is used twice.</summary>
    internal static string Whole => Event($$"""{"name":"BillingAddress","type":["null",{{Address}}],"doc":"Data:Address"},{"name":"Other","type":["null","Address"]}""");

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_schema_is_refused_with_its_place(string name)
    {
        var (json, says, path) = Schemas[name];
        var watch = Stopwatch.StartNew();

        var refusal = Should.Throw<SchemaException>(() => EventSchema.Compile("schema-9", json));

        refusal.Message.ShouldContain(says);
        refusal.Message.ShouldContain("schema-9");
        refusal.Path.ShouldBe(path, refusal.Message);
        refusal.Message.Length.ShouldBeLessThan(1_000);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_schema_the_hostile_ones_are_made_of_compiles() => EventSchema.Compile("id", Event("""{"name":"A","type":["null","string"]}""")).Leaves.Count.ShouldBe(1);

    [Fact]
    public void Mutilated_schemas_are_compiled_or_refused_and_nothing_else()
    {
        var random = new Random(20260101);
        var whole = Whole;
        var refused = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var json = new StringBuilder(whole);
            for (var cuts = random.Next(1, 4); cuts > 0; cuts--)
            {
                var at = random.Next(json.Length - 8);
                if (random.Next(3) == 0) json.Insert(at, whole.AsSpan(random.Next(whole.Length - 40), random.Next(40)));
                else json.Remove(at, random.Next(8));
            }

            try
            {
                EventSchema.Compile("fuzz", json.ToString());
            }
            catch (SchemaException)
            {
                refused++;
            }
        }

        refused.ShouldBeInRange(1_000, 3_000);
    }

    private static string With(string type, string other = "\"string\"") =>
        $$"""{"type":"record","name":"X","namespace":"com.x","fields":[{"name":"Value","type":{{type}}},{"name":"Other","type":{{other}}}]}""";

    /// <summary>Field n holds a record of so many fields of the record before it.</summary>
    private static string ByReference(int records, int uses)
    {
        var fields = Enumerable.Range(1, records).Select(n =>
        {
            var parts = Enumerable.Range(0, uses).Select(u => $$"""{"name":"P{{u}}","type":"{{(n == 1 ? "int" : $"R{n - 1}")}}"}""");
            return $$"""{"name":"F{{n}}","type":{"type":"record","name":"R{{n}}","fields":[{{string.Join(',', parts)}}] } }""";
        });
        return $$"""{"type":"record","name":"X","fields":[{{string.Join(',', fields)}}]}""";
    }

    private static string Event(string body = """{"name":"A","type":"string"}""", string header = "HEADER")
    {
        const string Header = """
            {"type":"record","name":"ChangeEventHeader","fields":[{"name":"entityName","type":"string"},{"name":"recordIds","type":{"type":"array","items":"string"}},
            {"name":"changeType","type":{"type":"enum","name":"ChangeType","symbols":["CREATE"]}},{"name":"changeOrigin","type":"string"},
            {"name":"transactionKey","type":"string"},{"name":"sequenceNumber","type":"int"},{"name":"commitTimestamp","type":"long"},{"name":"commitNumber","type":"long"},
            {"name":"commitUser","type":"string"},{"name":"nulledFields","type":{"type":"array","items":"string"}},
            {"name":"diffFields","type":{"type":"array","items":"string"}},{"name":"changedFields","type":{"type":"array","items":"string"}}]}
            """;
        return $$"""{"type":"record","name":"X","fields":[{"name":"ChangeEventHeader","type":{{header.Replace("HEADER", Header, StringComparison.Ordinal)}}},{{body}}]}""";
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
}
