using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>How subscribers hear of what a change of type did to the records there are.</summary>
public enum Announcement
{
    /// <summary>Not at all, as for conversions that keep the values, and for Picklist to Text.</summary>
    None,

    /// <summary>One UPDATE with the wildcard id, as for conversions of custom fields that lose the values.</summary>
    Wildcard,

    /// <summary>GAP_UPDATE with the ids, as for Picklist to Checkbox and Picklist to Multi-select.</summary>
    Gaps
}

/// <summary>What an administrator does to the fields of the org: each act makes a new event schema, and none publishes the values it changes. Any thread.</summary>
internal sealed class OrgSetup(SimulatedOrg org, Lock orgLock, RecordStore records, Dictionary<string, EventSchema> schemas)
{
    private const int IdsInOneEvent = 1000;
    private int _recreated;

    /// <param name="existing">What records that are there already have in it: false for a checkbox, else nothing.</param>
    public EventSchema AddField(string objectName, SimulatedField field, object? existing = null)
    {
        lock (orgLock)
        {
            var target = org[objectName];
            var schema = Known(target.Add(field));
            if (existing is not null) Fill(target, field.Name, _ => existing);
            return schema;
        }
    }

    /// <summary>A calculated field.</summary>
    /// <param name="formula">From the record's other values by REST name and the time.</param>
    public EventSchema AddFormula(
        string objectName, string name, FieldKind kind, Func<Func<string, object?>, DateTimeOffset, object?> formula, bool inEvents = false)
        => AddField(objectName, new SimulatedField(name, kind) { Formula = formula, InEvents = inEvents, Writable = false, FieldId = NewId() });

    public EventSchema RemoveField(string objectName, string field)
    {
        lock (orgLock) return Known(org[objectName].Remove(field));
    }

    /// <summary>The field keeps its name and its id; its values are converted, or emptied where the new type cannot hold them.</summary>
    public EventSchema ChangeType(string objectName, string field, FieldKind kind, Announcement announcement = Announcement.None, int maxLength = 255)
    {
        lock (orgLock)
        {
            var target = org[objectName];
            var (old, before) = (target.FindField(field)!, target[field]);
            var to = old with { Kind = kind, MaxLength = maxLength, Choices = ChoicesOf(old, kind) };
            if (old.Compound is not null || to.Compound is not null) throw new ArgumentException($"{objectName}.{field}: compounds cannot be converted", nameof(kind));
            var schema = Known(target.Replace(field, to));
            var after = target[field];
            var touched = new List<SimulatedRecord>();
            foreach (var record in records.Of(target))
            {
                var (was, converted) = (record.Values[before], FieldConversion.Convert(record.Values[before], to));
                record.Values.Set(after.Index, converted);
                if (Equals(was, converted)) continue;
                record.Dirty = true;
                if (!record.Deleted) touched.Add(record);
            }
            Announce(target, touched, announcement);
            return schema;
        }
    }

    /// <summary>Another field of the same name: other id, no values.</summary>
    public EventSchema Recreate(string objectName, string field, FieldKind? kind = null)
    {
        lock (orgLock)
        {
            var target = org[objectName];
            var old = target.FindField(field) ?? throw new ArgumentException($"{objectName} has no field {field}", nameof(field));
            Known(target.Remove(field));
            var schema = Known(target.Add(old with { Kind = kind ?? old.Kind, FieldId = NewId(), Choices = ChoicesOf(old, kind ?? old.Kind) }));
            Fill(target, field, leaf => leaf.Kind == ValueKind.Boolean ? false : null);
            return schema;
        }
    }

    private void Fill(SimulatedObject target, string field, Func<Leaf, object?> value)
    {
        foreach (var record in records.Of(target))
        {
            foreach (var leaf in target.Leaves.Where(leaf => leaf.Field.Name == field)) record.Values.Set(leaf.Index, value(leaf));
            record.Dirty = true;
        }
    }

    private void Announce(SimulatedObject target, List<SimulatedRecord> touched, Announcement announcement)
    {
        if (announcement == Announcement.Wildcard) org.Commit(draft => draft.Wildcard(target.Name));
        if (announcement != Announcement.Gaps) return;
        foreach (var chunk in touched.Chunk(IdsInOneEvent))
        {
            org.Commit(draft => draft.GapUpdate(target.Name, [.. chunk.Select(record => record.Id)], new Dictionary<string, object?>(), foreignKey: false));
        }
    }

    private EventSchema Known(EventSchema schema)
    {
        org.Tally.Count(OrgAct.SchemaChange);
        schemas[schema.Id] = schema;
        return schema;
    }

    private string NewId() => FieldList.FieldIdOf("N", Interlocked.Increment(ref _recreated));

    private static IReadOnlyList<string> ChoicesOf(SimulatedField field, FieldKind kind)
        => kind is not (FieldKind.DynamicEnum or FieldKind.StaticEnum or FieldKind.MultiEnum) ? []
            : field.Choices.Count > 0 ? field.Choices
            : ["one", "two", "drei"];
}
