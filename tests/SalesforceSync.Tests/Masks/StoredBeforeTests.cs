using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Masks;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Decode;

namespace SalesforceSync.Tests.Masks;

/// <summary>What was stored before its object had masks, or under others, never gets into a column that has them.</summary>
public sealed class StoredBeforeTests
{
    private static readonly byte[] Phone = new PayloadWriter().Long(1).Text("CANARY").ToArray();

    [Fact]
    public async Task An_event_stored_before_the_masks_is_understood_as_if_it_had_come_after_them()
    {
        var understood = await UnderstandAsync(Masks(FieldMask.Redact), "small-schema", SmallEvent.WithBody("Phone", Phone).Payload);
        understood.Change.ShouldNotBeNull().Writes.Select(w => $"{w.Field.ApiName} {w.Value.Text}").ShouldBe(["Phone REDACTED"]);
        Encoding.UTF8.GetString(understood.Stored.Payload.Span).ShouldNotContain("CANARY");
        var broken = await UnderstandAsync(Masks(FieldMask.Redact), "small-schema", [.. SmallEvent.WithBody("Phone", Phone).Payload, 0]);
        (broken.Change, broken.Header?.EntityName).ShouldBe((null, "Small"));
        broken.Fault.ShouldNotBeNull().ShouldContain("1 bytes behind the last field");
    }

    [Theory]
    [InlineData("Redact", "Redact", true)]
    [InlineData("Redact", "Hash", false)]
    [InlineData("Hash", "Redact", false)]
    [InlineData("Hash", "Drop", false)]
    [InlineData("Hash", null, false)]
    [InlineData(null, "Hash", false)]
    [InlineData(null, null, true)]
    public void A_column_takes_what_was_made_by_its_own_mask(string? then, string? now, bool isTaken)
    {
        var schema = then is not null ? MaskedSchema.Of(SmallEvent.Schema, SmallEvent.Json, Masks(Enum.Parse<FieldMask>(then)).For("Small")!)!.Compiled : SmallEvent.Schema;
        var rule = new ObjectRule(Mask: now is not null ? Masks(Enum.Parse<FieldMask>(now)).For("Small") : null);
        WantedColumn.Of(schema, rule).Any(column => column.Field == "Phone").ShouldBe(isTaken);
        WantedColumn.Of(schema, rule).ShouldContain(column => column.Field == "Employees");
    }

    [Fact]
    public async Task What_is_withheld_is_understood_as_its_header()
    {
        var header = SmallEvent.Schema.DecodeHeader(SmallEvent.WithBitmaps("0x04").Payload);
        var understood = await UnderstandAsync(Masks(FieldMask.Hash), WithheldEvent.SchemaOf("small-schema"), WithheldEvent.Of(Phone, header, "why"));
        (understood.Change, understood.Header?.RecordIds[0], understood.Fault).ShouldBe((null, SmallEvent.Id, "why"));
    }

    private static ValueTask<SalesforceSync.Assemble.TransactionEvent> UnderstandAsync(OrgMasks masks, string schemaId, byte[] payload) =>
        new CompiledSchemas((_, _) => ValueTask.FromResult<string?>(SmallEvent.Json), masks)
            .UnderstandAsync(new StoredEvent(1, new ReplayId([1]), "e", schemaId, payload, DateTimeOffset.UnixEpoch), CancellationToken.None);

    private static OrgMasks Masks(FieldMask kind) => OrgMasks.Of(new OrgOptions
    {
        Name = "acme",
        Schema = "acme",
        LoginUrl = null,
        Auth = new SignInFlow.ClientCredentials("id", new Secret("s")),
        MaskKey = new Secret(new string('k', 32)),
        Objects = new ObjectSelection(new Dictionary<string, ObjectOptions> { ["small"] = new() { Mask = new Dictionary<string, FieldMask> { ["phone"] = kind } } }),
    });
}
