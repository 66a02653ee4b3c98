using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Events;

/// <summary>Encodes change events in the shape Salesforce publishes them. Not for several threads.</summary>
internal sealed class EventEncoder
{
    private readonly AvroWriter _avro = new();

    public byte[] Write(EventSchema schema, ChangeHeader header, EventBody body)
    {
        Start(
            header,
            FieldBitmap.Spell(schema, body.Nulled, body.WholeCompounds),
            FieldBitmap.Spell(schema, body.Differences, body.WholeCompounds),
            FieldBitmap.Spell(schema, body.Changed, body.WholeCompounds));
        foreach (var slot in schema.Fields) Field(slot, body);
        return _avro.Written.ToArray();
    }

    private void Field(FieldSlot slot, EventBody body)
    {
        if (slot.Plain is { } leaf && body.Shown(leaf) is { } plain)
        {
            _avro.Long(1);
            Value(plain);
        }
        else if (slot.Parts.Count > 0 && AsRecord(slot, body))
        {
            _avro.Long(slot.Plain is null ? 1 : 2);
            foreach (var part in slot.Parts)
            {
                var value = body.Shown(part);
                _avro.Long(value is null ? 0 : 1);
                if (value is not null) Value(value);
            }
        }
        else
        {
            _avro.Long(0);
        }
    }

    // A compound that went as a whole goes as null; one that lost some parts goes as a record.
    private static bool AsRecord(FieldSlot slot, EventBody body)
    {
        if (slot.Parts.Any(part => body.Shown(part) is not null)) return true;
        var listed = slot.Parts.Count(part => body.Changed.Contains(part.Index));
        return listed > 0 && !(body.WholeCompounds && listed == slot.Parts.Count);
    }

    private void Value(object value)
    {
        switch (value)
        {
            case string text: _avro.String(text); break;
            case bool flag: _avro.Boolean(flag); break;
            case int number: _avro.Long(number); break;
            case double number: _avro.Double(number); break;
            case decimal number: _avro.Double((double)number); break;
            case DateTimeOffset moment: _avro.Long(moment.ToUnixTimeMilliseconds()); break;
            // Dates are milliseconds at midnight UTC, not Avro's days.
            case DateOnly date: _avro.Long(new DateTimeOffset(date, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds()); break;
            case TimeOnly time: _avro.Long(time.Ticks / TimeSpan.TicksPerMillisecond); break;
            default: throw new InvalidOperationException($"no Avro encoding for {value.GetType()}");
        }
    }

    private void Start(ChangeHeader header, IReadOnlyList<string> nulled, IReadOnlyList<string> differences, IReadOnlyList<string> changed)
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
        _avro.Strings(differences);
        _avro.Strings(changed);
    }
}
