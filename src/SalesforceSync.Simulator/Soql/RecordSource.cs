using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Soql;

/// <summary>Where a query's records come from: the org's own, then the crowd of the object, if it has one, whose ids lie behind all others.</summary>
internal sealed class RecordSource(Crowds crowds)
{
    /// <summary>Everything a query is about, in its order, up to its limit. Under the org's lock; the records of a crowd are made when asked for.</summary>
    public IEnumerable<SimulatedRecord> Rows(RecordStore store, RecordSearch search)
    {
        var natural = Own(store, search).Concat(Crowd(search));
        var ordered = search.Order is { } order && !search.IsInIdOrder ? Sorted(natural, order) : natural;
        return search.Query.Limit is { } limit ? ordered.Take(limit) : ordered;
    }

    /// <summary>The org's own records, in the order of their ids.</summary>
    public static IEnumerable<SimulatedRecord> Own(RecordStore store, RecordSearch search)
    {
        var range = search.IdRange;
        var own = store.Of(search.Object).Where(record => range.Holds(record.Id) && search.Wants(record)).ToList();
        own.Sort((a, b) => string.CompareOrdinal(a.Id, b.Id));
        return own;
    }

    public SimulatedRecord? Find(RecordStore store, SimulatedObject target, string id)
        => crowds.Find(target, id) ?? (store.Find(id) is { } own && own.Object == target ? own : null);

    private IEnumerable<SimulatedRecord> Crowd(RecordSearch search)
    {
        if (crowds.Of(search.Object) is not { } crowd) yield break;
        var (first, count) = crowd.Within(search.IdRange);
        for (var number = first; number < first + count; number++)
        {
            var record = crowd.Record(number);
            if (search.Wants(record)) yield return record;
        }
    }

    private static List<SimulatedRecord> Sorted(IEnumerable<SimulatedRecord> records, Comparison<SimulatedRecord> order)
    {
        // Stable, so that equal rows stay in the order of their ids.
        var list = records.ToList();
        return [.. list.Order(Comparer<SimulatedRecord>.Create(order))];
    }
}
