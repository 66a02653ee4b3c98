namespace SalesforceSync.Simulator.Schemas;

/// <summary>
/// An object of the org: its fields, the leaves of its records and every event schema it ever had. Fields may be added while the org runs;
/// the org's lock guards that.
/// </summary>
internal sealed class SimulatedObject
{
    private readonly List<Leaf> _leaves = [];
    private IReadOnlyList<Leaf>? _current;
    private readonly Dictionary<string, Leaf> _byRestName = new(StringComparer.Ordinal);
    private readonly List<FieldSlot> _slots = [];

    public SimulatedObject(string name, string keyPrefix, IEnumerable<SimulatedField> fields)
    {
        Name = name;
        KeyPrefix = keyPrefix;
        foreach (var field in fields) _slots.Add(SlotFor(field));
        Schema = Describe();
    }

    public string Name { get; }

    /// <summary>The first three characters of every record id.</summary>
    public string KeyPrefix { get; }

    /// <summary><c>AccountChangeEvent</c>, <c>Invoice__ChangeEvent</c>.</summary>
    public string EventRecordName => Name.EndsWith("__c", StringComparison.Ordinal) ? Name[..^1] + "ChangeEvent" : Name + "ChangeEvent";

    public string Topic => "/data/" + EventRecordName;

    /// <summary>The schema events are written with now.</summary>
    public EventSchema Schema { get; private set; }

    /// <summary>The single values of the fields there are now; indices have holes where fields were removed.</summary>
    public IReadOnlyList<Leaf> Leaves => _current ??= [.. _leaves.Where(leaf => _byRestName.GetValueOrDefault(leaf.RestName) == leaf)];

    /// <summary>One more than the highest index any leaf ever had.</summary>
    public int LeafCount => _leaves.Count;

    public IEnumerable<SimulatedField> Fields => _slots.Select(slot => slot.Field);

    public bool HasPersonName => _slots.Any(slot => slot.Field.Kind is FieldKind.PersonName or FieldKind.SwitchablePersonName);

    public Leaf this[string restName] => _byRestName.TryGetValue(restName, out var leaf)
        ? leaf
        : throw new ArgumentException($"{Name} has no field {restName}", nameof(restName));

    public Leaf? Find(string restName) => _byRestName.GetValueOrDefault(restName);

    public bool HasFormulas => _slots.Any(slot => slot.Field.Formula is not null);

    public SimulatedField? FindField(string name) => Fields.FirstOrDefault(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Adds a field before the last one, so that positions behind it move, and with it makes a new event schema.</summary>
    public EventSchema Add(SimulatedField field)
    {
        if (FindField(field.Name) is not null) throw new ArgumentException($"{Name} already has a field {field.Name}", nameof(field));
        _slots.Insert(_slots.Count - 1, SlotFor(field));
        return Schema = Describe();
    }

    /// <summary>Takes a field away; the values of its leaves stay in the records, where nobody finds them.</summary>
    public EventSchema Remove(string name)
    {
        var place = Place(name);
        Forget(_slots[place]);
        _slots.RemoveAt(place);
        return Schema = Describe();
    }

    /// <summary>Puts another field of the same name in a field's place, with leaves of its own.</summary>
    public EventSchema Replace(string name, SimulatedField by)
    {
        var place = Place(name);
        Forget(_slots[place]);
        _slots[place] = SlotFor(by);
        return Schema = Describe();
    }

    private int Place(string name)
    {
        var place = _slots.FindIndex(slot => slot.Field.Name == name);
        return place >= 0 ? place : throw new ArgumentException($"{Name} has no field {name}", nameof(name));
    }

    private EventSchema Describe() => EventSchema.Of(EventRecordName, [.. _slots.Where(slot => slot.Field.Formula is null || slot.Field.InEvents)]);

    private void Forget(FieldSlot slot)
    {
        foreach (var leaf in _leaves.Where(leaf => leaf.Field == slot.Field && _byRestName.GetValueOrDefault(leaf.RestName) == leaf).ToArray()) _byRestName.Remove(leaf.RestName);
        _current = null;
    }

    private FieldSlot SlotFor(SimulatedField field)
    {
        var hasPlainValue = field.Compound is null || field.Kind == FieldKind.SwitchablePersonName;
        var plain = hasPlainValue ? Keep(field.Name, field.ValueKind, field, -1) : null;
        var parts = field.Compound?.Parts.Select((part, i) => Keep(field.RestNameOf(part), part.Kind, field, i)).ToArray() ?? [];
        return new FieldSlot(field, plain, parts);
    }

    private Leaf Keep(string restName, ValueKind kind, SimulatedField field, int part)
    {
        var leaf = new Leaf(_leaves.Count, restName, kind, field, part);
        _leaves.Add(leaf);
        _byRestName.Add(restName, leaf);
        _current = null;
        return leaf;
    }
}
