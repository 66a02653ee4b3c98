using System.Globalization;
using System.Text.Json;
using SalesforceSync.Decode;

namespace SalesforceSync.Tests.Decode;

public class CapturedEventTests
{
    public static TheoryData<int> Events => [.. Enumerable.Range(0, 6)];

    public static TheoryData<string> ChangeEventSchemas =>
        CapturedEvents.Folder is null
            ? ["absent"]
            : [.. Directory.GetFiles(Path.Combine(CapturedEvents.Folder, "schemas"), "*ChangeEvent.*.avsc").Select(f => Path.GetFileName(f)!).Order()];

    [CapturedTheory]
    [MemberData(nameof(Events))]
    public void Captured_event_decodes_to_its_last_byte_and_to_the_listed_fields(int index)
    {
        using var file = JsonDocument.Parse(CapturedEvents.Payload("decoded.json"));
        var expected = file.RootElement[index];
        var schema = EventSchema.Compile(expected.GetProperty("schema_id").GetString()!, CapturedEvents.Schema(expected.GetProperty("schema_file").GetString()!));

        var decoded = schema.Decode(Convert.FromHexString(expected.GetProperty("payload_hex").GetString()!));

        ShouldBe(decoded.Header, expected.GetProperty("header"));
        var values = Flatten(expected.GetProperty("non_null"), "").ToDictionary(v => v.Path, v => v.Value);
        var changed = expected.GetProperty("changed_expanded").EnumerateArray().Select(f => f.GetString()!).ToList();
        if (decoded.Header.Kind == ChangeKind.Update) decoded.Writes.Select(w => w.Field.Path).ShouldBe(changed, ignoreOrder: true);
        else decoded.Writes.Select(w => w.Field.Path).ShouldBe(values.Keys.Where(p => !p.EndsWith(".Xyz", StringComparison.Ordinal)), ignoreOrder: true);
        foreach (var write in decoded.Writes) Show(write).ShouldBe(values.GetValueOrDefault(write.Field.Path));
    }

    [CapturedTheory]
    [MemberData(nameof(ChangeEventSchemas))]
    public void Captured_schema_compiles_to_distinct_columns(string file)
    {
        var schema = EventSchema.Compile("id", CapturedEvents.Schema(file));

        schema.Leaves.Count.ShouldBeGreaterThan(20);
        schema.Leaves.Select(l => l.Ordinal).ShouldBe(Enumerable.Range(0, schema.Leaves.Count));
        schema.Leaves.Where(l => l.ApiName is not null).Select(l => l.ApiName!.ToUpperInvariant()).ShouldBeUnique();
        schema.Leaves.ShouldContain(l => l.Path == "LastModifiedDate" && l.Type == FieldType.DateTime);
        file.ShouldStartWith(schema.RecordName);
    }

    [CapturedFact]
    public void Captured_schemas_name_and_type_the_parts_of_compounds()
    {
        var account = EventSchema.Compile("id", CapturedEvents.Schema("AccountChangeEvent.valeriyyy-2023-07.avsc"));
        var contact = EventSchema.Compile("id", CapturedEvents.Schema("ContactChangeEvent.valeriyyy-2026-08.avsc"));

        account.EntityName.ShouldBe("Account");
        Leaf(account, "Name").ShouldSatisfyAllConditions(l => l.NameRole.ShouldBe(NameRole.Whole), l => l.ApiName.ShouldBe("Name"));
        Leaf(account, "Name.FirstName").ShouldSatisfyAllConditions(l => l.NameRole.ShouldBe(NameRole.FirstName), l => l.ApiName.ShouldBe("FirstName"));
        Leaf(account, "BillingAddress.Xyz").ApiName.ShouldBeNull();
        Leaf(account, "PersonMailingAddress.City").ApiName.ShouldBe("PersonMailingCity");
        Leaf(account, "PersonBirthdate").Type.ShouldBe(FieldType.DateOnly);
        Leaf(account, "Some_Time__c").Type.ShouldBe(FieldType.TimeOnly);
        Leaf(account, "Some_Geolocation__c.Latitude").ShouldSatisfyAllConditions(
            l => l.ApiName.ShouldBe("Some_Geolocation__Latitude__s"), l => l.Type.ShouldBe(FieldType.Coordinate), l => l.FieldId.ShouldBe("00NDp000009Rr9N"));
        contact.Leaves.ShouldNotContain(l => l.Path == "Name");
        Leaf(contact, "Name.LastName").NameRole.ShouldBe(NameRole.LastName);
    }

    [CapturedFact]
    public void A_payload_one_byte_short_is_refused_while_its_header_can_still_be_read()
    {
        using var file = JsonDocument.Parse(CapturedEvents.Payload("decoded.json"));
        var payload = Convert.FromHexString(file.RootElement[0].GetProperty("payload_hex").GetString()!);
        var other = EventSchema.Compile("other", CapturedEvents.Schema("AccountChangeEvent.valeriyyy-2023-07.avsc"));

        Should.Throw<DecodeException>(() => other.Decode(payload.AsMemory(0, payload.Length - 1)));
        other.DecodeHeader(payload).EntityName.ShouldBe("Account");
        EventSchema.TryReadUsualHeader(payload)!.RecordIds.ShouldBe(["001Dp00000JJkkHIAT"]);
    }

    [CapturedFact]
    public void A_platform_event_is_refused_since_it_is_no_change_event() =>
        Should.Throw<SchemaException>(() => EventSchema.Compile("id7", CapturedEvents.Schema("Case__e.conduit.avsc"))).Message.ShouldContain("id7");

    private static LeafField Leaf(EventSchema schema, string path) => schema.Leaves.Single(l => l.Path == path);

    private static void ShouldBe(ChangeEventHeader header, JsonElement expected)
    {
        header.EntityName.ShouldBe(expected.GetProperty("entityName").GetString());
        header.RecordIds.ShouldBe(Strings(expected, "recordIds"));
        header.ChangeType.ShouldBe(expected.GetProperty("changeType").GetString());
        header.ChangeOrigin.ShouldBe(expected.GetProperty("changeOrigin").GetString());
        header.TransactionKey.ShouldBe(expected.GetProperty("transactionKey").GetString());
        header.SequenceNumber.ShouldBe(expected.GetProperty("sequenceNumber").GetInt32());
        header.CommitTimestamp.ShouldBe(expected.GetProperty("commitTimestamp").GetInt64());
        header.CommitNumber.ShouldBe(expected.GetProperty("commitNumber").GetInt64());
        header.CommitUser.ShouldBe(expected.GetProperty("commitUser").GetString());
        header.ChangedFields.ShouldBe(Strings(expected, "changedFields"));
        header.NulledFields.ShouldBe(Strings(expected, "nulledFields"));
        header.DiffFields.ShouldBe(Strings(expected, "diffFields"));
    }

    private static IEnumerable<string> Strings(JsonElement element, string property) => element.GetProperty(property).EnumerateArray().Select(e => e.GetString()!);

    private static IEnumerable<(string Path, string Value)> Flatten(JsonElement record, string prefix) => record.EnumerateObject().SelectMany(p => p.Value.ValueKind switch
    {
        JsonValueKind.Null => [],
        JsonValueKind.Object => Flatten(p.Value, $"{prefix}{p.Name}."),
        JsonValueKind.Number => [($"{prefix}{p.Name}", p.Value.GetDouble().ToString("R", CultureInfo.InvariantCulture))],
        _ => new[] { ($"{prefix}{p.Name}", p.Value.ToString()) },
    });

    private static string? Show(FieldWrite write) => write.Value.IsNull ? null : write.Field.Type switch
    {
        FieldType.Text => write.Value.Text,
        FieldType.Boolean => write.Value.Integer == 1 ? "True" : "False",
        FieldType.Numeric or FieldType.Coordinate => write.Value.Number.ToString("R", CultureInfo.InvariantCulture),
        _ => ((double)write.Value.Integer).ToString("R", CultureInfo.InvariantCulture),
    };
}
