using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Masks;
using SalesforceSync.Tests.Decode;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.Masks;

/// <summary>An event from which values were taken out is the event without them, and nothing else is another: for us and for a stranger.</summary>
public sealed class MaskedSchemaTests
{
    private const int MasksPerFile = 15;

    private static readonly MaskKey Key = new(new Secret("CANARY-key-of-thirty-two-bytes-xx"));

    public static TheoryData<string> Files => [.. GoldenVectorTests.Files()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Whatever_is_masked_the_rest_of_the_event_is_the_same(string file)
    {
        var (hidden, diffs) = (0, 0);
        foreach (var (schema, masked, mask, payload) in Masked(file))
        {
            var (before, after) = (schema.Decode(payload), masked.Compiled.Decode(masked.Mask(payload)));
            JsonSerializer.Serialize(after.Header).ShouldBe(JsonSerializer.Serialize(before.Header));
            masked.Compiled.Leaves.Select(l => (l.Ordinal, l.Path, l.ApiName, l.FieldId, l.NameRole)).ShouldBe(schema.Leaves.Select(l => (l.Ordinal, l.Path, l.ApiName, l.FieldId, l.NameRole)));
            masked.Compiled.Leaves.Select(l => l.IsMasked).ShouldBe(schema.Leaves.Select(l => mask.Of(l, schema.Leaves) is not null));
            foreach (var leaf in masked.Compiled.Leaves)
                leaf.Type.ShouldBe(leaf.IsMasked ? FieldType.Text : schema.Leaves[leaf.Ordinal].Type, leaf.Path);
            var shown = after.Writes.ToDictionary(w => w.Field.Ordinal);
            foreach (var write in before.Writes)
            {
                var leaf = write.Field;
                var kind = mask.Of(leaf, schema.Leaves);
                var isThere = shown.Remove(leaf.Ordinal, out var kept);
                if (kind is null)
                {
                    isThere.ShouldBeTrue(leaf.Path);
                    (Shown(kept.Value), kept.IsDiff).ShouldBe((Shown(write.Value), write.IsDiff), leaf.Path);
                    continue;
                }
                hidden++;
                // What a full record does not say is null.
                (isThere || after.IsFullRecord).ShouldBeTrue(leaf.Path);
                var text = CanonicalText.Of(leaf.Type, write.Value);
                if (kind == FieldMask.Drop || text is null)
                    (!isThere || kept.Value.IsNull).ShouldBeTrue(leaf.Path);
                else if (!write.IsDiff)
                    kept.Value.Text.ShouldBe(kind == FieldMask.Redact ? "REDACTED" : Key.Hash(text), leaf.Path);
                else
                {
                    kept.IsDiff.ShouldBeTrue(leaf.Path);
                    kept.Value.Text.ShouldNotContain(write.Value.Text, customMessage: leaf.Path);
                    // One fits to the word, the other to nothing, so that the record is fetched.
                    (TextDiff.Apply("REDACTED"u8, kept.Value.Bytes.Span) is not null).ShouldBe(kind == FieldMask.Redact, leaf.Path);
                    diffs++;
                }
            }
            shown.ShouldBeEmpty();
        }
        if (file is "account.json" or "contact.json") hidden.ShouldBeGreaterThan(100);
        if (file is "account.json") diffs.ShouldBeGreaterThan(3);
    }

    // What is only enrichment is no write, and has to go as well.
    [Theory]
    [MemberData(nameof(Files))]
    public void No_byte_of_a_masked_value_is_left(string file)
    {
        foreach (var (schema, masked, mask, payload) in Masked(file))
        {
            var kept = masked.Mask(payload);
            var others = schema.DecodeLeaves(payload, leaf => mask.Of(leaf, schema.Leaves) is null).Values.Writes.Select(w => Shown(w.Value)).ToHashSet(StringComparer.Ordinal);
            foreach (var write in schema.DecodeLeaves(payload, leaf => mask.Of(leaf, schema.Leaves) is not null).Values.Writes)
            {
                if (write.Value.Bytes.Length > 3 && !others.Contains(Shown(write.Value)))
                    kept.AsSpan().IndexOf(write.Value.Bytes.Span).ShouldBe(-1, write.Field.Path);
            }
        }
    }

    [StrangerFact("python")]
    public async Task A_stranger_reads_the_same_event()
    {
        var events = new JsonArray();
        foreach (var (schema, masked, mask, payload) in GoldenVectorTests.Files().SelectMany(file => Masked(file).Where((_, i) => i % 7 == 0)))
        {
            events.Add(new JsonObject
            {
                ["schema"] = Sources[schema],
                ["payload"] = Convert.ToHexStringLower(payload),
                ["maskedSchema"] = masked.Json,
                ["maskedPayload"] = Convert.ToHexStringLower(masked.Mask(payload)),
                ["paths"] = new JsonArray([.. schema.Leaves.Where(l => mask.Of(l, schema.Leaves) is not null).Select(l => (JsonNode)l.Path)]),
            });
        }
        var file = Path.Combine(Directory.CreateTempSubdirectory("sync-masked-").FullName, "events.json");
        await File.WriteAllTextAsync(file, events.ToJsonString());
        try
        {
            var told = await Stranger.AskAsync("masked.py", file);
            told.GetProperty("same").GetInt32().ShouldBeGreaterThan(1_000);
            told.GetProperty("masked").GetInt32().ShouldBeGreaterThan(300);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public void The_id_is_made_of_the_schema_the_masks_and_the_key_and_tells_neither()
    {
        var (schema, json) = (SmallEvent.Schema, SmallEvent.Json);
        string IdOf(string key, params (string, FieldMask)[] masks) => MaskedSchema.Of(schema, json, Mask(new(new Secret(key)), masks))!.SchemaId;
        var (one, other) = (new string('1', 32), new string('2', 32));
        var id = IdOf(one, ("Phone", FieldMask.Hash), ("Day", FieldMask.Drop));
        id.ShouldBe(IdOf(one, ("day", FieldMask.Drop), ("phone", FieldMask.Hash)));
        id.ShouldStartWith("small-schema~");
        (MaskedSchema.OriginalOf(id), MaskedSchema.IsDerived(id), MaskedSchema.IsDerived("small-schema")).ShouldBe(("small-schema", true, false));
        string[] others = [IdOf(other, ("Phone", FieldMask.Hash), ("Day", FieldMask.Drop)), IdOf(one, ("Phone", FieldMask.Redact), ("Day", FieldMask.Drop)), IdOf(one, ("Phone", FieldMask.Hash))];
        others.Append(id).Distinct().Count().ShouldBe(4);
        // Without a hash the key is nothing to it.
        IdOf(one, ("Phone", FieldMask.Redact)).ShouldBe(IdOf(other, ("Phone", FieldMask.Redact)));
        MaskedSchema.Of(schema, json, Mask(Key, ("NoSuchField", FieldMask.Drop))).ShouldBeNull();
    }

    [Fact]
    public void What_is_withheld_can_be_read_and_is_no_change_event()
    {
        var header = SmallEvent.Schema.DecodeHeader(SmallEvent.WithBitmaps("0x04").Payload);
        var kept = WithheldEvent.Of(Encoding.UTF8.GetBytes("CANARY"), header, "bytes too many");
        JsonSerializer.Serialize(WithheldEvent.Read(kept).Header).ShouldBe(JsonSerializer.Serialize(header));
        (WithheldEvent.Read(kept).Fault, Convert.ToHexStringLower(WithheldEvent.Read(kept).Sha256)[..8]).ShouldBe(("bytes too many", Hash("CANARY")[..8]));
        WithheldEvent.Read(WithheldEvent.Of("CANARY"u8.ToArray(), null, "why")).Header.ShouldBeNull();
        Encoding.UTF8.GetString(kept).ShouldNotContain("CANARY");
        Should.Throw<SchemaException>(() => EventSchema.Compile(WithheldEvent.SchemaOf("x"), WithheldEvent.Schema));
        (WithheldEvent.Is(WithheldEvent.SchemaOf("x")), WithheldEvent.Is("x"), MaskedSchema.OriginalOf(WithheldEvent.SchemaOf("x"))).ShouldBe((true, false, "x"));
    }

    private static string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static readonly Dictionary<EventSchema, string> Sources = [];

    /// <summary>Every event of a file under many masks, the same each time.</summary>
    private static IEnumerable<(EventSchema Schema, MaskedSchema Masked, ObjectMask Mask, byte[] Payload)> Masked(string file)
    {
        var random = new Random(20);
        var (schema, json) = (GoldenVectorTests.Compile(file), GoldenVectorTests.SchemaJson(file));
        Sources[schema] = json;
        string[] names = [.. schema.Leaves.SelectMany(l => new[] { l.ApiName, l.Compound }).OfType<string>().Distinct()];
        byte[][] payloads = [.. GoldenVectorTests.Payloads(file)];
        for (var i = 0; i < MasksPerFile; i++)
        {
            var mask = Mask(Key, [.. names.Where(_ => i == 0 || random.Next(3) == 0).Select(name => (name, (FieldMask)random.Next(3)))]);
            if (MaskedSchema.Of(schema, json, mask) is not { } masked)
                continue;
            foreach (var payload in payloads)
                yield return (schema, masked, mask, payload);
        }
    }

    private static ObjectMask Mask(MaskKey key, params (string Name, FieldMask Kind)[] masks) => new(
        masks.Select(m => KeyValuePair.Create(m.Name, m.Kind == FieldMask.Hash ? $"Hash {key.Fingerprint}" : m.Kind.ToString())), key);

    private static string Shown(FieldValue value) => value.IsNull ? "null" : $"{value.Integer.ToString(CultureInfo.InvariantCulture)} {Convert.ToHexString(value.Bytes.Span)}";
}
