using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>The leaves that event schemas have told subscribers of. Guarded by the org's lock.</summary>
internal sealed class AnnouncedFields
{
    private readonly Dictionary<SimulatedObject, EventSchema> _last = [];
    private readonly HashSet<(SimulatedObject, int)> _leaves = [];

    /// <summary>An event of the object went out under its schema of now.</summary>
    public void Note(SimulatedObject target)
    {
        var schema = target.Schema;
        if (_last.TryGetValue(target, out var last) && last == schema) return;
        _last[target] = schema;
        foreach (var slot in schema.Fields)
        {
            if (slot.Plain is { } plain) _leaves.Add((target, plain.Index));
            foreach (var part in slot.Parts) _leaves.Add((target, part.Index));
        }
    }

    public bool Any(SimulatedObject target) => _last.ContainsKey(target);

    public bool Contains(SimulatedObject target, Leaf leaf) => _leaves.Contains((target, leaf.Index));
}
