using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>Since when the description of each object is what it is. A change is noticed when the object is described next. Any thread.</summary>
internal sealed class DescribeStamps(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Fields, DateTimeOffset At)> _known = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _start = WholeSecond(time.GetUtcNow());

    /// <summary>A whole second, as the header can tell it; that of a change is the next one, so that whoever asked within the same second asks again.</summary>
    public DateTimeOffset Of(ObjectColumns columns)
    {
        var fields = string.Join('\n', columns.All.Select(column => $"{column.Name} {column.Type} {column.Length}"));
        lock (_lock)
        {
            var isKnown = _known.TryGetValue(columns.Object.Name, out var known);
            if (isKnown && known.Fields == fields) return known.At;
            var at = isKnown ? WholeSecond(time.GetUtcNow()).AddSeconds(1) : _start;
            _known[columns.Object.Name] = (fields, at);
            return at;
        }
    }

    private static DateTimeOffset WholeSecond(DateTimeOffset moment) => DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds());
}
