using System.Collections.Immutable;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The filters of channel members: an event whose record does not match is not put onto that channel, and nobody is told. Of the language of filter
/// expressions only <c>Field = 'text'</c> and <c>Field != 'text'</c>. Any thread.
/// </summary>
internal sealed class ChannelFilters
{
    private ImmutableDictionary<(string Topic, string Object), Filter> _filters = ImmutableDictionary<(string, string), Filter>.Empty;

    /// <exception cref="ArgumentException">It is no expression, or not of this object.</exception>
    public void Set(string topic, SimulatedObject target, string? expression)
    {
        var key = (topic, target.Name);
        var filter = expression is null ? null : Parse(target, expression);
        ImmutableInterlocked.Update(ref _filters, filters => filter is null ? filters.Remove(key) : filters.SetItem(key, filter));
    }

    public string? ExpressionOf(string topic, SimulatedObject target) => _filters.GetValueOrDefault((topic, target.Name))?.Expression;

    /// <summary>The topics that do not get an event of these records; null when all do.</summary>
    public IReadOnlyList<string>? KeptFrom(SimulatedObject target, IReadOnlyList<SimulatedRecord> touched)
    {
        var filters = _filters;
        return filters.IsEmpty || touched.Count == 0
            ? null
            : [.. filters.Where(f => f.Key.Object == target.Name && !touched.Any(f.Value.Matches)).Select(f => f.Key.Topic)];
    }

    private static Filter Parse(SimulatedObject target, string expression)
    {
        var parts = expression.Split(' ', 3);
        if (parts is not [var field, "=" or "!=", ['\'', .., '\''] text] || target.FindField(field) is null)
            throw new ArgumentException($"{expression}: no filter of {target.Name}", nameof(expression));
        return new(expression, target[field].Index, text[1..^1], parts[1] == "=");
    }

    private sealed record Filter(string Expression, int Leaf, string Text, bool IsEqual)
    {
        public bool Matches(SimulatedRecord record) => Text.Equals(record.Values[Leaf] as string, StringComparison.Ordinal) == IsEqual;
    }
}
