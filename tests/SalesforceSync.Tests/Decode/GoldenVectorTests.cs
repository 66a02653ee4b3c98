using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

/// <summary>Events encoded by two strangers (avsc, python3-avro), see tests/vectors/generate/README.md.</summary>
public class GoldenVectorTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "vectors");

    public static TheoryData<string, string> Events
    {
        get
        {
            var events = new TheoryData<string, string>();
            foreach (var file in Files())
                foreach (var item in Read(file)["events"]!.AsArray()) events.Add(file, (string)item!["name"]!);
            return events;
        }
    }

    public static TheoryData<string> Schemas => [.. Files()];

    [Theory]
    [MemberData(nameof(Events))]
    public void Event_decodes_to_what_was_put_into_it(string file, string name)
    {
        var vector = Read(file);
        var item = vector["events"]!.AsArray().Single(e => (string)e!["name"]! == name)!;
        var expected = item["expected"]!;

        var decoded = Compile(vector).Decode(Convert.FromHexString((string)item["hex"]!));

        decoded.Header.Kind.ToString().ShouldBe((string)expected["kind"]!);
        decoded.IsFullRecord.ShouldBe(decoded.Header.Kind is ChangeKind.Create or ChangeKind.Undelete);
        foreach (var (property, value) in expected["header"]!.AsObject()) Header(decoded.Header, property).ShouldBe(value!.ToJsonString());
        decoded.Writes.Select(w => (string)Show(w)[0]!).ShouldBe(expected["writes"]!.AsArray().Select(w => (string)w![0]!));
        foreach (var (write, value) in decoded.Writes.Zip(expected["writes"]!.AsArray()))
            JsonNode.DeepEquals(Show(write), value).ShouldBeTrue($"{Show(write).ToJsonString()} should be {value!.ToJsonString()}");
        decoded.Substituted.Select(l => l.Path).ShouldBe(expected["substituted"]?.AsArray().Select(p => (string)p!) ?? []);
        decoded.Writes.Select(w => w.Field.Ordinal).ShouldBeInOrder();
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void Schema_has_the_listed_leaves(string file)
    {
        var vector = Read(file);
        Compile(vector).Leaves.Select(l => new JsonArray(l.Path, l.ApiName, l.Type.ToString()).ToJsonString())
            .ShouldBe(vector["leaves"]!.AsArray().Select(l => l!.ToJsonString()));
    }

    [Fact]
    public void Both_encoders_signed_every_event()
    {
        foreach (var file in Files())
            foreach (var item in Read(file)["events"]!.AsArray())
                item!["encoders"]!.AsArray().Select(e => ((string)e!).Split(' ')[0]).ShouldBe(["avsc", "python3-avro"], $"{file}: {item["name"]}");
    }

    internal static EventSchema Compile(string file) => Compile(Read(file));

    internal static string SchemaJson(string file) => Read(file)["schema"]!.ToJsonString();

    internal static IEnumerable<byte[]> Payloads(string file) => Read(file)["events"]!.AsArray().Select(e => Convert.FromHexString((string)e!["hex"]!));

    internal static string[] Files() => [.. Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileName(f)!).Order()];

    private static EventSchema Compile(JsonNode vector) => EventSchema.Compile("golden", vector["schema"]!.ToJsonString());

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!;

    private static string Header(ChangeEventHeader header, string property) => property switch
    {
        "recordIds" => JsonSerializer.Serialize(header.RecordIds),
        "changedFields" => JsonSerializer.Serialize(header.ChangedFields),
        "diffFields" => JsonSerializer.Serialize(header.DiffFields),
        "sequenceNumber" => JsonSerializer.Serialize(header.SequenceNumber),
        "commitTimestamp" => JsonSerializer.Serialize(header.CommitTimestamp),
        // Beyond 2^53, where JSON numbers lose digits: a string.
        "commitNumber" => JsonSerializer.Serialize(header.CommitNumber.ToString(CultureInfo.InvariantCulture)),
        "changeOrigin" => JsonSerializer.Serialize(header.ChangeOrigin),
        "commitUser" => JsonSerializer.Serialize(header.CommitUser),
        "transactionKey" => JsonSerializer.Serialize(header.TransactionKey),
        _ => throw new InvalidOperationException(property),
    };

    private static JsonArray Show(FieldWrite write)
    {
        var shown = new JsonArray(write.Field.Path, write.Field.ApiName, write.Field.Type.ToString(), Value(write));
        if (write.IsDiff) shown.Add("diff");
        return shown;
    }

    private static JsonNode? Value(FieldWrite write) => write.Value.IsNull ? null : write.Field.Type switch
    {
        FieldType.Text or FieldType.TextList => write.Value.Text,
        FieldType.Json => JsonNode.Parse(write.Value.Text),
        FieldType.Bytes => Convert.ToHexStringLower(write.Value.Bytes.Span),
        FieldType.Numeric when write.Value.Bytes.Length > 0 => write.Value.Text,
        FieldType.Numeric or FieldType.Coordinate => write.Value.Number,
        _ => write.Value.Integer,
    };
}
