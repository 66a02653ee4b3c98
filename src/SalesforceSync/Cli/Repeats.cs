using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace SalesforceSync.Cli;

/// <summary>
/// Keeps an outage to a handful of lines: the first two of a kind are shown, then one in a while, with how many it stands for (<see cref="Property"/>). A kind is
/// the event with what it is about, not its numbers. What is fatal is always shown, and so is what is below Information, where somebody asked for it. Any thread.
/// </summary>
internal sealed class Repeats(TimeProvider time) : ILogEventFilter
{
    /// <summary>Of a line: how many like it were left out before it.</summary>
    public const string Property = "Repeats";

    private const int ShownAtOnce = 2;

    /// <summary>Kinds remembered; when there are more, what a line is about makes no difference any more.</summary>
    private const int MostKinds = 1_000;

    private static readonly TimeSpan Often = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Seldom = TimeSpan.FromHours(1);

    // Names of things, and counts that tell progress; not the ids and times that differ from line to line.
    private static readonly FrozenSet<string> About = new[]
    {
        "Org", "Channel", "Object", "ObjectName", "Objects", "Table", "Column", "Columns", "Field", "ErrorCode", "Failure", "Refusal", "SqlState", "Class", "Path", "Rows", "Number",
        "Name", "Day",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    /// <summary>A kind that is over, with lines that were left out and not told of yet.</summary>
    /// <param name="Event">The name of the log event, or its text where it has no name.</param>
    /// <param name="Of">What it is about.</param>
    internal sealed record Untold(string Event, string Of, long Count, DateTimeOffset Until);

    /// <summary>Whether the line is shown.</summary>
    public bool IsEnabled(LogEvent logEvent)
    {
        var number = NumberOf(logEvent);
        if (logEvent.Level is < LogEventLevel.Information or LogEventLevel.Fatal || number == CliLog.RepeatedNumber)
            return true;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var kind = KindOf(logEvent, number);
            if (kind.Left == 0 && now - kind.LastAt >= kind.Pause)
                kind.Shown = 0;
            kind.LastAt = now;
            if (kind.Shown >= ShownAtOnce && now - kind.ShownAt < kind.Pause)
            {
                kind.Left++;
                return false;
            }
            if (kind.Left > 0)
                logEvent.AddOrUpdateProperty(new LogEventProperty(Property, new ScalarValue(kind.Left)));
            (kind.Shown, kind.ShownAt, kind.Left) = (kind.Shown + 1, now, 0);
            return true;
        }
    }

    /// <summary>What is over and was not told; all that was not told, where nothing comes after.</summary>
    public IReadOnlyList<Untold> Take(bool all)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var over = _kinds.Where(k => all || now - k.Value.LastAt >= k.Value.Pause).ToList();
            foreach (var (key, _) in over)
                _kinds.Remove(key);
            return [.. over.Where(k => k.Value.Left > 0).Select(k => new Untold(k.Value.Event, k.Value.Of, k.Value.Left, k.Value.LastAt))];
        }
    }

    private Kind KindOf(LogEvent line, int number)
    {
        var name = line.Properties.TryGetValue("EventId", out var id) && id is StructureValue parts && TextOf(parts.Properties.FirstOrDefault(p => p.Name == "Name")?.Value) is { } named
            ? named : line.MessageTemplate.Text;
        var of = _kinds.Count < MostKinds ? AboutOf(line) : "";
        var key = $"{number} {name} {of} {line.Exception?.GetType().Name}";
        if (!_kinds.TryGetValue(key, out var kind))
            _kinds.Add(key, kind = new(name, of, line.Level == LogEventLevel.Information ? Seldom : Often));
        return kind;
    }

    private static string AboutOf(LogEvent line)
    {
        // Some lines are only a reason, which then is what they are about.
        var isReason = !line.Properties.ContainsKey("Org");
        var of = new StringBuilder();
        foreach (var (name, value) in line.Properties)
        {
            if ((About.Contains(name) || (isReason && name == "Reason")) && TextOf(value) is { } text)
                of.Append(of.Length > 0 ? ", " : "").Append(text);
        }
        return of.ToString();
    }

    private static int NumberOf(LogEvent line) =>
        line.Properties.TryGetValue("EventId", out var id) && id is StructureValue parts && parts.Properties.FirstOrDefault(p => p.Name == "Id")?.Value is ScalarValue { Value: int number }
            ? number : 0;

    private static string? TextOf(LogEventPropertyValue? value) => value is ScalarValue { Value: { } scalar } ? Convert.ToString(scalar, CultureInfo.InvariantCulture) : null;

    private sealed class Kind(string name, string of, TimeSpan pause)
    {
        public string Event => name;

        public string Of => of;

        public TimeSpan Pause => pause;

        public int Shown { get; set; }

        public DateTimeOffset ShownAt { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public long Left { get; set; }
    }
}
