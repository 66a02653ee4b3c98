using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>Events for measuring: updates of one account each, encoded in advance so that releasing them costs next to nothing.</summary>
internal sealed class BenchWorkload(SimulatedOrg org, int seed)
{
    private const int Accounts = 1000;
    private readonly Random _random = new(seed);

    /// <summary>Commits the accounts and encodes the updates, which the org then has and the bus has not.</summary>
    public List<PreparedCommit> Prepare(long updates, CancellationToken stop)
    {
        var account = org["Account"];
        var text = new TextSource(_random);
        var ids = Enumerable.Range(0, Accounts).Select(_ => Create(text)).ToArray();
        var leaves = account.Fields.Where(field => field.Writable && field.Compound is null).Select(field => account[field.Name]).ToArray();
        var prepared = new List<PreparedCommit>((int)updates);
        for (var i = 0L; i < updates; i++)
        {
            stop.ThrowIfCancellationRequested();
            _random.Shuffle(leaves);
            var values = leaves.Take(_random.Next(35, 40)).ToDictionary(leaf => leaf.RestName, leaf => (object?)Value(leaf, text), StringComparer.Ordinal);
            var draft = org.Begin();
            draft.Update("Account", ids[_random.Next(ids.Length)], values);
            prepared.Add(org.Prepare([draft]));
        }
        return prepared;
    }

    private string Create(TextSource text)
    {
        var draft = org.Begin();
        var id = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "Bench " + text.Letters(10), ["GUID__c"] = text.Letters(20) });
        org.Commit(draft);
        return id;
    }

    private object Value(Leaf leaf, TextSource text) => leaf.Kind switch
    {
        ValueKind.Boolean => _random.Next(2) == 0,
        ValueKind.WholeNumber => _random.Next(1_000_000),
        ValueKind.Number => _random.Next(100_000_000) / 100.0,
        ValueKind.DateTime => DateTimeOffset.FromUnixTimeSeconds(_random.Next()),
        ValueKind.Date => DateOnly.FromDayNumber(_random.Next(700_000, 760_000)),
        ValueKind.Time => TimeOnly.FromTimeSpan(TimeSpan.FromSeconds(_random.Next(86_400))),
        _ => text.Letters(_random.Next(14, 22))
    };
}
