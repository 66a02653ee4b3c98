using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// What the integration user may see: everything, until an object is taken away or a field hidden. A change takes effect at once or after a delay, as
/// Salesforce takes up to ten minutes to notice. Any thread.
/// </summary>
internal sealed class Access(TimeProvider time, OrgTally tally)
{
    private static readonly IReadOnlySet<int> None = new HashSet<int>();
    private readonly Lock _lock = new();
    private readonly List<Change> _changes = [];
    private volatile bool _unrestricted = true;

    /// <summary>The whole object: describe, queries, events.</summary>
    public bool MayRead(SimulatedObject target) => _unrestricted || Granted(target.Name, null);

    /// <summary>One field of an object that may be read; a compound field stands for its parts.</summary>
    public bool MaySee(SimulatedObject target, SimulatedField field) => _unrestricted || Granted(target.Name, field.Name);

    /// <summary>Takes an object away, or gives it back.</summary>
    public void Allow(string objectName, bool allowed, TimeSpan after = default) => Add(new Change(objectName, null, allowed, time.GetUtcNow() + after));

    /// <summary>Hides a field by field-level security, or shows it again.</summary>
    public void Show(string objectName, string field, bool shown, TimeSpan after = default) => Add(new Change(objectName, field, shown, time.GetUtcNow() + after));

    /// <summary>The leaves of an object that field-level security hides now.</summary>
    public IReadOnlySet<int> Hidden(SimulatedObject target)
        => _unrestricted ? None : target.Leaves.Where(leaf => !MaySee(target, leaf.Field)).Select(leaf => leaf.Index).ToHashSet();

    private void Add(Change change)
    {
        lock (_lock)
        {
            _changes.Add(change);
            _unrestricted = false;
        }
        tally.Count(OrgAct.Permission);
    }

    private bool Granted(string objectName, string? field)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            return _changes.FindLast(change => change.Object == objectName && change.Field == field && change.From <= now)?.Allowed ?? true;
        }
    }

    private sealed record Change(string Object, string? Field, bool Allowed, DateTimeOffset From);
}
