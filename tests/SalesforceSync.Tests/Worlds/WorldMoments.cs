using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// Moments that a schedule by chance seldom makes: a reading that comes between the events of a change it has seen, and changes of rows that a job has read
/// while others are still to be read. What happens after is again the schedule's.
/// </summary>
internal sealed class WorldMoments(SimulatedOrg org, int seed, Action<TimeSpan> pass, WorldTally tally)
{
    /// <summary>Of so many things that happen one is such a moment.</summary>
    private const int Seldom = 30;

    private static readonly (string Object, string Field)[] Texts =
        [("Account", "Phone"), ("Contact", "Department"), ("Lead", "Title"), ("Opportunity", "NextStep"), ("Invoice__c", "Terms__c")];

    private readonly (string Object, string Field)[] _plain = [.. Texts.Where(text => org.FindObject(text.Object) is not null)];
    private readonly Random _random = new(seed ^ 0x7B0B1E5);
    private int _values;

    /// <summary>Whether one came.</summary>
    public async Task<bool> ComesAsync(WorldLife life)
    {
        if (_random.Next(Seldom) > 0)
            return false;
        await life.CatchUpAsync();
        if (_random.Next(2) == 0)
            await OvertakenAsync(life);
        else
            await WithDifferencesAsync(life);
        return true;
    }

    /// <summary>Records that a job has read already change while it reads others, and the stream tells of it before the job is over.</summary>
    public async Task UnderJobAsync(WorldLife life, int slice)
    {
        if (slice == 0 || _random.Next(3) > 0)
            return;
        tally.Count("row changed under its job");
        var how = _random.Next(3);
        org.Commit(draft =>
        {
            foreach (var (name, field) in _plain)
            {
                // The oldest stand in the first part of the rows.
                if (Ids(name) is not [var id, ..])
                    continue;
                if (how == 0)
                    draft.GapUpdate(name, id, Value(field), foreignKey: true);
                else
                    draft.Update(name, id, Value(field));
            }
        });
        for (var step = 0; step < 3; step++)
        {
            await life.CatchUpAsync();
            await life.ReadAsync(1);
        }
    }

    /// <summary>The gap event of a change comes before the event of an older one, and the record is fetched between the two.</summary>
    private async Task OvertakenAsync(WorldLife life)
    {
        var (name, field) = _plain[_random.Next(_plain.Length)];
        if (Any(name) is not { } id)
            return;
        tally.Count("gap event overtakes");
        org.Commit(draft =>
        {
            draft.GapsHurry = true;
            draft.Update(name, id, Value(field));
            draft.GapUpdate(name, id, Value(field), foreignKey: true);
        });
        await life.ReceiveAsync(1);
        await life.ApplyAsync();
        await FetchAsync(life);
    }

    /// <summary>Only a gap event tells of a change of a long text; the record is fetched, and a difference to what the fetch saw comes before it is merged.</summary>
    private async Task WithDifferencesAsync(WorldLife life)
    {
        var (name, field) = (_plain[_random.Next(_plain.Length)].Object, "Description");
        if (Any(name) is not { } id || org[name].Find(field) is null)
            return;
        tally.Count("difference behind a fetch");
        var text = string.Join('\n', Enumerable.Range(0, 80).Select(i => $"line {i} of a letter without an end {++_values}"));
        org.Commit(draft => draft.GapUpdate(name, id, new Dictionary<string, object?> { [field] = text }, foreignKey: _random.Next(2) == 0));
        await life.CatchUpAsync();
        await FetchAsync(life);
        var changed = text.Replace("line 40 ", $"change {++_values} ", StringComparison.Ordinal);
        org.Commit(draft => draft.Update(name, [id], new Dictionary<string, object?> { [field] = changed }, diffs: true));
    }

    private async Task FetchAsync(WorldLife life)
    {
        pass(TimeSpan.FromSeconds(_random.Next(1, 6)));
        for (var step = _random.Next(1, 5); step > 0; step--)
            await life.ReadAsync(1);
    }

    private Dictionary<string, object?> Value(string field) => new() { [field] = $"value {++_values}" };

    private string? Any(string name) => Ids(name) is { Count: > 0 } ids ? ids[_random.Next(ids.Count)] : null;

    private List<string> Ids(string name) => Ids(org, name);

    /// <summary>The records that live, the oldest first; people are two records each and left alone.</summary>
    public static List<string> Ids(SimulatedOrg org, string name) => org.Read(records => records.Live(org[name])
        .Where(record => !new[] { "IsPersonAccount", "PersonContactId" }.Any(person => record.Object.Find(person) is { } leaf && record.Values[leaf] is true or string))
        .Select(record => record.Id).ToList());
}
