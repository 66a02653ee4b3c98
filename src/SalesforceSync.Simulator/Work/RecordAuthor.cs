using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>Writes the values of one record: full ones for a new record, a few for a change.</summary>
internal sealed class RecordAuthor(SimulatedOrg org, WorkloadState state, Random random)
{
    private readonly ValueSource _values = new(random);

    public ValueSource Values => _values;

    /// <param name="person">For an account: a person's instead of a business's.</param>
    public Dictionary<string, object?> NewRecord(string objectName, bool person = false)
    {
        var target = org[objectName];
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in target.Fields.Where(Writable))
        {
            if (field.Kind == FieldKind.SwitchablePersonName) Name(target, field, person, values);
            else if (field.Compound is not null && random.Next(2) == 0) Parts(target, field, values, p => random.Next(4) > 0);
            else if (field.Compound is null && (field.Name == "Name" || random.Next(5) < 3)) values[field.Name] = Value(target[field.Name]);
        }
        if (target.Find("LastName") is { } lastName && !values.ContainsKey("Name")) values["LastName"] = _values.For(lastName);
        return values;
    }

    /// <summary>Between one and <paramref name="atMost"/> fields, some of them emptied.</summary>
    public Dictionary<string, object?> Change(string objectName, string id, int atMost)
    {
        var target = org[objectName];
        var fields = target.Fields.Where(Writable).ToArray();
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        for (var left = random.Next(1, atMost + 1); left > 0; left--)
        {
            var field = fields[random.Next(fields.Length)];
            if (field.Kind == FieldKind.SwitchablePersonName) Name(target, field, state.IsPerson(target, id), values);
            else if (field.Compound is { } compound) ChangeParts(target, field, compound, values);
            else values[field.Name] = Emptied(field) ? null : Value(target[field.Name]);
        }
        return values;
    }

    public object Value(string objectName, string restName) => Value(org[objectName][restName]);

    private object Value(Leaf leaf)
    {
        // References lead somewhere most of the time.
        if (leaf.Field.Kind == FieldKind.EntityId && leaf.RestName.StartsWith("Account", StringComparison.Ordinal)
            && state.Live("Account").Draw(NoIds) is { } account)
        {
            return account;
        }
        return _values.For(leaf);
    }

    private static readonly HashSet<string> NoIds = [];

    private void Name(SimulatedObject target, SimulatedField field, bool person, Dictionary<string, object?> values)
    {
        if (person) Parts(target, field, values, part => part.Name == "LastName" || random.Next(2) == 0);
        else values[field.Name] = _values.For(target[field.Name]);
    }

    private void ChangeParts(SimulatedObject target, SimulatedField field, CompoundShape compound, Dictionary<string, object?> values)
    {
        // A custom geolocation publishes all its parts when one changes; sometimes a whole compound goes.
        var all = field.Kind == FieldKind.Location || random.Next(8) == 0;
        var gone = random.Next(8) == 0 && field.Kind != FieldKind.PersonName;
        var first = random.Next(compound.Parts.Count);
        for (var i = 0; i < compound.Parts.Count; i++)
        {
            if (!all && i != first && random.Next(5) > 0) continue;
            var leaf = target[field.RestNameOf(compound.Parts[i])];
            var empty = gone || (leaf.RestName != "LastName" && field.Kind != FieldKind.Location && random.Next(6) == 0);
            values[leaf.RestName] = empty ? null : _values.For(leaf);
        }
    }

    private void Parts(SimulatedObject target, SimulatedField field, Dictionary<string, object?> values, Func<CompoundPart, bool> wanted)
    {
        foreach (var part in field.Compound!.Parts)
        {
            if (field.Kind != FieldKind.Location && !wanted(part)) continue;
            var leaf = target[field.RestNameOf(part)];
            values[leaf.RestName] = _values.For(leaf);
        }
    }

    private bool Emptied(SimulatedField field) => field.Kind != FieldKind.Boolean && field.Name != "Name" && random.Next(7) == 0;

    // What says how records belong together is written by those transactions alone.
    private static bool Writable(SimulatedField field)
        => field.Writable && field.Name is not ("IsPersonAccount" or "PersonContactId" or "IsConverted") && !field.Name.StartsWith("Converted", StringComparison.Ordinal);
}
