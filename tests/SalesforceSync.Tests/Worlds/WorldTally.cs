using System.Collections.Concurrent;

namespace SalesforceSync.Tests.Worlds;

/// <summary>How often each thing happened, over all worlds of a run: what never happened was not tested.</summary>
internal sealed class WorldTally
{
    public const string Worlds = "worlds";
    public const string Transactions = "transactions";
    public const string RecordsCompared = "records compared";

    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public void Count(string what, long times = 1) => _counts.AddOrUpdate(what, times, (_, before) => before + times);

    public IReadOnlyDictionary<string, long> Counts => _counts;

    public long this[string what] => _counts.GetValueOrDefault(what);

    public override string ToString() => string.Join(", ", _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));
}
