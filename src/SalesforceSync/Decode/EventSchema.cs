using System.Globalization;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Decode;

/// <summary>A compiled event schema: one per schema id, immutable, safe to use from several threads.</summary>
internal sealed class EventSchema
{
    private const string HeaderField = "ChangeEventHeader";
    private const string EventSuffix = "ChangeEvent";

    private static readonly Lazy<HeaderPlan> UsualHeader = new(CompileUsualHeader);

    private readonly HeaderPlan _header;
    private readonly BodyPlan _body;
    private readonly LeafField[] _leaves;
    private readonly FieldPosition[] _positions;
    private readonly LeafSet _columns;

    // Room for the writes of the next full record: the most seen lately. Only a guess, so that threads may overwrite each other's.
    private int _usualWrites;

    private EventSchema(string schemaId, string recordName, HeaderPlan header, (BodyPlan Plan, LeafField[] Leaves, FieldPosition[] Positions) body)
    {
        SchemaId = schemaId;
        RecordName = recordName;
        _header = header;
        (_body, _leaves, _positions) = body;
        _columns = new LeafSet(_leaves.Length);
        foreach (var leaf in _leaves)
            if (leaf.ApiName is not null) _columns.Add(leaf.Ordinal, 1);
    }

    public string SchemaId { get; }

    /// <summary>Name of the schema's record: <c>AccountChangeEvent</c>, <c>Invoice__ChangeEvent</c>.</summary>
    public string RecordName { get; }

    /// <summary>
    /// The object that events of this schema are about, as far as the record's name tells: <c>Account</c>, <c>Invoice__c</c>. An event's header decides.
    /// </summary>
    public string EntityName => !RecordName.EndsWith(EventSuffix, StringComparison.Ordinal) ? RecordName
        : RecordName.EndsWith("__" + EventSuffix, StringComparison.Ordinal) ? RecordName[..^EventSuffix.Length] + "c"
        : RecordName[..^EventSuffix.Length];

    /// <summary>All leaves in schema order, including those without a column.</summary>
    public IReadOnlyList<LeafField> Leaves => _leaves;

    /// <summary>Compiles the schema of a change event. Costs under a millisecond; do it once per schema id.</summary>
    /// <exception cref="SchemaException">Not Avro, beyond the limits, or not a change event's.</exception>
    public static EventSchema Compile(string schemaId, string json)
    {
        if (AvroSchemaParser.Parse(schemaId, json) is not AvroRecord root) throw new SchemaException("not a record", "", schemaId);
        if (root.Fields is not [{ Name: HeaderField, Type: AvroRecord header }, ..])
            throw new SchemaException($"the first field is not a record named {HeaderField}: not a change event", root.Name, schemaId);
        return new EventSchema(schemaId, root.Name, HeaderPlan.Compile(schemaId, header, root.Name), BodyCompiler.Compile(schemaId, root));
    }

    /// <summary>
    /// The header of an event whose schema cannot be had or compiled, read as every change event's header has been laid out so far. Good enough to say which
    /// records are in doubt, not to write by; null when it does not fit.
    /// </summary>
    public static ChangeEventHeader? TryReadUsualHeader(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new AvroReader(payload.Span, "unknown");
            return UsualHeader.Value.Read(ref reader, out _);
        }
        catch (DecodeException)
        {
            return null;
        }
    }

    /// <summary>The header alone; what stands behind it is not looked at.</summary>
    /// <exception cref="DecodeException">The header does not fit the schema.</exception>
    public ChangeEventHeader DecodeHeader(ReadOnlyMemory<byte> payload)
    {
        var reader = new AvroReader(payload.Span, SchemaId);
        return _header.Read(ref reader, out _);
    }

    /// <summary>
    /// The whole event. Every byte must belong to a field: a payload written with another schema is refused as far as that can be told. Values are slices of
    /// <paramref name="payload"/>, which must not change while the event is in use.
    /// </summary>
    /// <exception cref="DecodeException">The payload does not fit the schema, a bitmap flags what is not there, or Postgres cannot hold a value.</exception>
    public ChangeEvent Decode(ReadOnlyMemory<byte> payload)
    {
        var reader = new AvroReader(payload.Span, SchemaId);
        var header = _header.Read(ref reader, out var offsets);

        // What is flagged is written, what is wanted is written as it comes: nulledFields overrules a value.
        var wanted = new LeafSet(_leaves.Length);
        var flagged = new LeafSet(_leaves.Length);
        var diffs = new LeafSet(_leaves.Length);
        var full = header.Kind is ChangeKind.Create or ChangeKind.Undelete;
        if (header.Kind == ChangeKind.Update)
        {
            Mark(header.ChangedFields, wanted, "changedFields", offsets.ChangedFields);
            Mark(header.NulledFields, flagged, "nulledFields", offsets.NulledFields);
            Mark(header.DiffFields, diffs, "diffFields", offsets.DiffFields);
            if (PlantedBug.Is(PlantedBugs.EverythingWritten))
                wanted.Add(_columns);
            wanted.Remove(flagged);
            flagged.Add(wanted);
            flagged.Keep(_columns);
            wanted.Keep(_columns);
        }
        else if (full)
        {
            wanted.Add(_columns);
        }

        var writes = new WriteCollector(_leaves, wanted, flagged, diffs, expected: full ? _usualWrites : flagged.Count());
        _body.Read(ref reader, payload, ref writes);
        reader.RequireEnd();
        if (full) _usualWrites = Math.Max(writes.Count, _usualWrites - (_usualWrites / 16));
        return writes.Finish(header, this);
    }

    /// <summary>The header, where it ends, and the values of some leaves, whatever the bitmaps say: for whoever takes them out.</summary>
    /// <exception cref="DecodeException">As of the whole event, as far as these leaves are concerned.</exception>
    public (ChangeEvent Values, int BodyAt) DecodeLeaves(ReadOnlyMemory<byte> payload, Func<LeafField, bool> chosen)
    {
        var reader = new AvroReader(payload.Span, SchemaId);
        var header = _header.Read(ref reader, out var offsets);
        var bodyAt = reader.Position;
        var diffs = new LeafSet(_leaves.Length);
        if (header.Kind == ChangeKind.Update) Mark(header.DiffFields, diffs, "diffFields", offsets.DiffFields);
        var wanted = new LeafSet(_leaves.Length);
        foreach (var leaf in _leaves)
            if (chosen(leaf)) wanted.Add(leaf.Ordinal, 1);
        var writes = new WriteCollector(_leaves, wanted, new LeafSet(_leaves.Length), diffs, expected: wanted.Count());
        _body.Read(ref reader, payload, ref writes);
        reader.RequireEnd();
        return (writes.Finish(header, this), bodyAt);
    }

    private void Mark(IReadOnlyList<string> elements, LeafSet leaves, string field, int offset)
    {
        for (var i = 0; i < elements.Count; i++)
            if (ChangedFieldBitmap.Mark(elements[i], _positions, leaves) is { } fault)
                throw new DecodeException(fault, offset, string.Create(CultureInfo.InvariantCulture, $"{HeaderField}.{field}[{i}]"), SchemaId);
    }

    private static HeaderPlan CompileUsualHeader()
    {
        const string Json = """
            {"type":"record","name":"ChangeEventHeader","fields":[{"name":"entityName","type":"string"},
            {"name":"recordIds","type":{"type":"array","items":"string"}},
            {"name":"changeType","type":{"type":"enum","name":"ChangeType","symbols":
            ["CREATE","UPDATE","DELETE","UNDELETE","GAP_CREATE","GAP_UPDATE","GAP_DELETE","GAP_UNDELETE","GAP_OVERFLOW","SNAPSHOT"]}},
            {"name":"changeOrigin","type":"string"},{"name":"transactionKey","type":"string"},{"name":"sequenceNumber","type":"int"},
            {"name":"commitTimestamp","type":"long"},{"name":"commitNumber","type":"long"},{"name":"commitUser","type":"string"},
            {"name":"nulledFields","type":{"type":"array","items":"string"}},{"name":"diffFields","type":{"type":"array","items":"string"}},
            {"name":"changedFields","type":{"type":"array","items":"string"}}]}
            """;
        return HeaderPlan.Compile("usual", (AvroRecord)AvroSchemaParser.Parse("usual", Json), "usual");
    }
}
