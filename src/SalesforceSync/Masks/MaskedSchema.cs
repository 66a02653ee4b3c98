using System.Security.Cryptography;
using System.Text;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>
/// An event schema without the masked fields' values: the same fields at the same places, the masked ones of the type <c>["null","string"]</c>, so that the
/// header's bitmaps stay right and whoever reads events needs to know nothing of masks. Its id is made of the original's and the masks alone. Immutable.
/// </summary>
internal sealed class MaskedSchema
{
    // No id of Salesforce's has one.
    private const char Mark = '~';

    private static readonly AvroUnion Text = new([new AvroPrimitive(AvroKind.Null), new AvroPrimitive(AvroKind.String)]);

    // A difference whose target is the word itself fits wherever it stands already; where it does not, the record is fetched.
    private static readonly byte[] RedactedDifference = Encoding.ASCII.GetBytes($"--- \n+++ {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ValueMask.Redacted)))}\n");

    // A hash cannot be patched: a difference that fits to nothing has the record fetched (rule D3).
    private static readonly byte[] NoDifference = Encoding.ASCII.GetBytes("masked");

    private readonly EventSchema _original;
    private readonly Dictionary<int, ValueMask> _masks;
    private readonly List<MaskedField> _fields;

    private MaskedSchema(EventSchema original, Dictionary<int, ValueMask> masks, List<MaskedField> fields, EventSchema compiled, string json) =>
        (_original, _masks, _fields, Compiled, Json) = (original, masks, fields, compiled, json);

    public string SchemaId => Compiled.SchemaId;

    public string Json { get; }

    public EventSchema Compiled { get; }

    /// <summary>Whether events of this schema were masked when they were received.</summary>
    public static bool IsDerived(string schemaId) => schemaId.Contains(Mark, StringComparison.Ordinal);

    /// <summary>Salesforce's id of the schema an event came with.</summary>
    public static string OriginalOf(string schemaId) => schemaId.IndexOf(Mark, StringComparison.Ordinal) is var at and >= 0 ? schemaId[..at] : schemaId;

    /// <summary>Whether what stands in a derived schema's events was made by these masks.</summary>
    public static bool IsOf(string schemaId, ObjectMask mask) => schemaId.EndsWith($"{Mark}{mask.Fingerprint}", StringComparison.Ordinal);

    /// <summary>The id of what is derived from a schema.</summary>
    internal static string Derive(string schemaId, string of) => $"{schemaId}{Mark}{of}";

    /// <summary>The schema under the masks of its object; null where nothing of it is masked.</summary>
    /// <exception cref="SchemaException">It cannot be made.</exception>
    public static MaskedSchema? Of(EventSchema schema, string json, ObjectMask mask)
    {
        var masks = new Dictionary<int, ValueMask>();
        foreach (var leaf in schema.Leaves)
        {
            if (mask.Of(leaf, schema.Leaves) is { } kind)
                masks.Add(leaf.Ordinal, kind == FieldMask.Drop ? new(kind, leaf.Type, null) : mask.For(leaf.Type, leaf.ApiName!, leaf.Compound, leaf.NameRole)!);
        }
        if (masks.Count == 0)
            return null;
        var root = (AvroRecord)AvroSchemaParser.Parse(schema.SchemaId, json);
        var fields = root.Fields.Skip(1).Select(field => MaskedField.Of(field, schema.Leaves, masks.ContainsKey)).ToList();
        var derived = AvroSchemaText.Of(new AvroRecord(root.Name, [root.Fields[0], .. fields.Select(f => f.Derived(Text))]));
        return new(schema, masks, fields, EventSchema.Compile(Derive(schema.SchemaId, mask.Fingerprint), derived), derived);
    }

    /// <summary>An event's payload as it is kept.</summary>
    /// <exception cref="DecodeException">The payload does not fit the schema: it cannot be told where the values are.</exception>
    public byte[] Mask(ReadOnlyMemory<byte> payload)
    {
        var (found, bodyAt) = _original.DecodeLeaves(payload, leaf => _masks.TryGetValue(leaf.Ordinal, out var mask) && mask.Mask != FieldMask.Drop);
        var texts = new Dictionary<int, ReadOnlyMemory<byte>>();
        foreach (var write in found.Writes)
        {
            if (Kept(write) is { } text) texts[write.Field.Ordinal] = text;
        }
        var splice = new PayloadSplice(payload);
        var reader = new AvroReader(payload.Span, _original.SchemaId);
        reader.Take(bodyAt, "header");
        foreach (var field in _fields)
            field.Splice(ref reader, splice, texts);
        return splice.Finish();
    }

    private ReadOnlyMemory<byte>? Kept(in FieldWrite write)
    {
        var mask = _masks[write.Field.Ordinal];
        if (write.IsDiff) return mask.Mask == FieldMask.Redact ? RedactedDifference : NoDifference;
        return mask.Of(write.Value) is { IsNull: false } value ? value.Bytes : (ReadOnlyMemory<byte>?)null;
    }
}
