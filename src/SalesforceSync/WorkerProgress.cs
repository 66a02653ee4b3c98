using System.Collections.Concurrent;

namespace SalesforceSync;

/// <summary>What the whole worker reports of itself; safe from any thread.</summary>
internal sealed class WorkerProgress(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, OrgProgress> _orgs = new(StringComparer.Ordinal);
    private volatile bool _hasStarted;

    /// <summary>The database was reached and brought up to date.</summary>
    public bool HasStarted => _hasStarted;

    public IEnumerable<OrgProgress> Orgs => _orgs.Values;

    public OrgProgress Of(string org) => _orgs.GetOrAdd(org, name => new OrgProgress(name, time));

    public void Started() => _hasStarted = true;
}
