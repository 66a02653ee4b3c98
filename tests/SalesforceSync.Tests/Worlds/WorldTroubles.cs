using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// What only a schedule of its own brings often enough: several changes of one record of which the events tell in the wrong order or not at all, so that a
/// reading between them sees more than the stream has told, or less.
/// </summary>
internal sealed class WorldTroubles(SimulatedOrg org, int seed, WorldTally tally)
{
    private static readonly (string Object, string Field)[] Plain =
        [("Account", "Phone"), ("Contact", "Department"), ("Lead", "Title"), ("Opportunity", "NextStep"), ("Invoice__c", "Terms__c")];

    private static readonly (string Object, string Field)[] Long = [("Account", "Description"), ("Contact", "Description"), ("Lead", "Description"), ("Opportunity", "Description")];

    private readonly Random _random = new(seed ^ 0x7B0B1E5);
    private (string Object, string Field, string Id)? _letter;
    private int _values;

    /// <summary>Something of this kind happened instead of what would have.</summary>
    public bool Happens()
    {
        if (_letter is { } letter && _random.Next(2) == 0)
            return Continue(letter);
        return _random.Next(12) switch
        {
            0 => Overtake(),
            1 => Begin(),
            _ => false,
        };
    }

    /// <summary>The gap event of the later change comes first.</summary>
    private bool Overtake()
    {
        var (name, field) = Plain[_random.Next(Plain.Length)];
        var ids = Live(name, _random.Next(2, 6));
        if (ids.Count < 2)
            return false;
        tally.Count("gap overtakes");
        org.Commit(draft =>
        {
            draft.GapsHurry = true;
            foreach (var id in ids.Skip(1).Append(ids[0]))
                draft.Update(name, id, Value(field));
            draft.GapUpdate(name, ids[0], Value(field), foreignKey: true);
        });
        return true;
    }

    /// <summary>A long text changes and only a gap event tells; its next changes are told as differences.</summary>
    private bool Begin()
    {
        var (name, field) = Long[_random.Next(Long.Length)];
        if (Live(name, 1) is not [var id])
            return false;
        tally.Count("gap before differences");
        var text = Text(id, field) ?? string.Join('\n', Enumerable.Range(0, 80).Select(i => $"line {i} of a letter, and no end"));
        org.Commit(draft => draft.GapUpdate(name, id, new Dictionary<string, object?> { [field] = Changed(text) }, foreignKey: _random.Next(2) == 0));
        _letter = (name, field, id);
        return true;
    }

    private bool Continue((string Object, string Field, string Id) letter)
    {
        _letter = _random.Next(3) == 0 ? letter : null;
        if (Text(letter.Id, letter.Field) is not { } text)
            return false;
        org.Commit(draft => draft.Update(letter.Object, [letter.Id], new Dictionary<string, object?> { [letter.Field] = Changed(text) }, diffs: true));
        return true;
    }

    private string Changed(string text)
    {
        var lines = text.Split('\n');
        lines[_random.Next(1, lines.Length - 1)] = $"change {++_values}";
        return string.Join('\n', lines);
    }

    private Dictionary<string, object?> Value(string field) => new() { [field] = $"value {++_values}" };

    /// <summary>The long text of a record that lives.</summary>
    private string? Text(string id, string field) => org.Read(
        records => records.Find(id) is { Deleted: false } record && record.Object.Find(field) is { } leaf && record.Values[leaf] is string { Length: > 1_100 } text && text.Contains('\n', StringComparison.Ordinal) ? text : null);

    /// <summary>So many records that live, at most.</summary>
    private List<string> Live(string name, int count)
    {
        var ids = org.Read(records => records.Live(org[name]).Select(record => record.Id).ToList());
        return [.. Enumerable.Range(0, count).Where(_ => ids.Count > 0).Select(_ => ids[_random.Next(ids.Count)]).Distinct()];
    }
}
