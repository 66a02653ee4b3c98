using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>
/// Very many records of one object that nobody ever changes, each computed from its number when asked for and never kept. Their ids lie behind those of all
/// other records, in the order of their numbers. They are no part of the truth and send no events.
/// </summary>
internal sealed class Crowd(SimulatedObject target, int count)
{
    // Ids of ordinary records count from 1 and never come here.
    public const long FirstId = 62L * 62 * 62 * 62 * 62 * 62 * 62;

    public SimulatedObject Object => target;

    public int Count => count;

    public string IdOf(int number) => SalesforceId.Make(target.KeyPrefix, FirstId + number);

    /// <param name="id">18 characters.</param>
    /// <returns>Null for what is no member.</returns>
    public int? NumberOf(string id)
    {
        var number = Rank(id);
        return number < count && IdOf(number) == id ? number : null;
    }

    /// <summary>The members whose ids lie in a range.</summary>
    public (int First, int Count) Within(IdRange range)
    {
        var first = range.After is { } after ? Rank(after, beyond: true) : 0;
        var end = range.UpTo is { } upTo ? Rank(upTo, beyond: true) : count;
        return (first, Math.Max(0, end - first));
    }

    public SimulatedRecord Record(int number)
    {
        var record = new SimulatedRecord(target, IdOf(number)) { Stamp = CrowdValues.StampOf(number) };
        foreach (var leaf in target.Leaves) record.Values.Set(leaf.Index, CrowdValues.Of(leaf, number));
        return record;
    }

    /// <returns>How many members have a smaller id, or, beyond, one that is not greater.</returns>
    private int Rank(string id, bool beyond = false)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var sign = string.CompareOrdinal(IdOf(middle), id);
            if (sign < 0 || (beyond && sign == 0)) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
