using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Events;

/// <summary>Encodes change events in the shape Salesforce publishes them. Not for several threads.</summary>
internal sealed class EventEncoder
{
    private static readonly IReadOnlySet<int> None = new HashSet<int>();
    private readonly AvroWriter _avro = new();

    /// <summary>CREATE and UNDELETE: every field as it stands, bitmaps empty.</summary>
    public byte[] Full(EventSchema schema, ChangeHeader header, RecordValues values)
    {
        Start(header, [], []);
        foreach (var slot in schema.Fields)
        {
            var hasParts = slot.Parts.Any(part => values[part] is not null);
            Field(slot, values, hasParts, slot.Plain is not null && values[slot.Plain] is not null, all: true, None);
        }
        return Taken();
    }

    /// <summary>UPDATE: what changed, everything else null.</summary>
    /// <param name="changed">Indices of the leaves that changed.</param>
    /// <param name="wholeCompounds">See <see cref="FieldBitmap.Spell"/>.</param>
    public byte[] Changes(EventSchema schema, ChangeHeader header, RecordValues values, IReadOnlySet<int> changed, bool wholeCompounds)
    {
        var nulled = new HashSet<int>();
        foreach (var index in changed)
        {
            if (values[index] is null) nulled.Add(index);
        }
        Start(header, FieldBitmap.Spell(schema, nulled, wholeCompounds), FieldBitmap.Spell(schema, changed, wholeCompounds));
        foreach (var slot in schema.Fields)
        {
            var plain = slot.Plain is { } leaf && changed.Contains(leaf.Index) && values[leaf] is not null;
            var listed = slot.Parts.Count(part => changed.Contains(part.Index));
            // A compound that went as a whole goes as null; one that lost some parts goes as a record.
            var gone = wholeCompounds && listed == slot.Parts.Count && slot.Parts.All(part => values[part] is null);
            Field(slot, values, listed > 0 && !gone, plain, all: false, changed);
        }
        return Taken();
    }

    /// <summary>DELETE and all GAP events: no field at all.</summary>
    public byte[] HeaderOnly(EventSchema schema, ChangeHeader header)
    {
        Start(header, [], []);
        for (var i = 0; i < schema.Fields.Count; i++) _avro.Long(0);
        return Taken();
    }

    private void Field(FieldSlot slot, RecordValues values, bool asRecord, bool asPlain, bool all, IReadOnlySet<int> changed)
    {
        if (asPlain)
        {
            _avro.Long(1);
            Value(values[slot.Plain!]!);
        }
        else if (asRecord)
        {
            _avro.Long(slot.Plain is null ? 1 : 2);
            foreach (var part in slot.Parts)
            {
                var value = all || changed.Contains(part.Index) ? values[part] : null;
                _avro.Long(value is null ? 0 : 1);
                if (value is not null) Value(value);
            }
        }
        else
        {
            _avro.Long(0);
        }
    }

    private void Value(object value)
    {
        switch (value)
        {
            case string text: _avro.String(text); break;
            case bool flag: _avro.Boolean(flag); break;
            case int number: _avro.Long(number); break;
            case double number: _avro.Double(number); break;
            case DateTimeOffset moment: _avro.Long(moment.ToUnixTimeMilliseconds()); break;
            // Dates are milliseconds at midnight UTC, not Avro's days.
            case DateOnly date: _avro.Long(new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds()); break;
            case TimeOnly time: _avro.Long(time.Ticks / TimeSpan.TicksPerMillisecond); break;
            default: throw new InvalidOperationException($"no Avro encoding for {value.GetType()}");
        }
    }

    private void Start(ChangeHeader header, IReadOnlyList<string> nulled, IReadOnlyList<string> changed)
    {
        _avro.Clear();
        _avro.String(header.EntityName);
        _avro.Strings(header.RecordIds);
        _avro.Long(header.ChangeType);
        _avro.String(header.ChangeOrigin);
        _avro.String(header.TransactionKey);
        _avro.Long(header.SequenceNumber);
        _avro.Long(header.CommitTimestamp);
        _avro.Long(header.CommitNumber);
        _avro.String(header.CommitUser);
        _avro.Strings(nulled);
        _avro.Strings([]);
        _avro.Strings(changed);
    }

    private byte[] Taken() => _avro.Written.ToArray();
}
