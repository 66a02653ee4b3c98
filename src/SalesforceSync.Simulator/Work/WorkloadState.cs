using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Work;

/// <summary>What the workload knows of the org: which records live, which are deleted, which belong together.</summary>
internal sealed class WorkloadState
{
    private readonly Dictionary<string, RecordPool> _live;
    private readonly Dictionary<string, RecordPool> _deleted;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Knows the planted records; those that others wrote it leaves alone.</summary>
    public WorkloadState(SimulatedOrg org, Random random)
    {
        _live = org.Objects.ToDictionary(o => o.Name, _ => new RecordPool(random), StringComparer.Ordinal);
        _deleted = org.Objects.ToDictionary(o => o.Name, _ => new RecordPool(random), StringComparer.Ordinal);
        org.Read(records =>
        {
            foreach (var record in org.Objects.SelectMany(records.Of).Where(record => record.Planted && record.MasterRecordId is null)) Adopt(record);
            return 0;
        });
    }

    /// <summary>The contact of each person account.</summary>
    public Dictionary<string, string> PersonContacts { get; } = new(StringComparer.Ordinal);

    /// <summary>The person account of each such contact.</summary>
    public Dictionary<string, string> PersonAccounts { get; } = new(StringComparer.Ordinal);

    /// <summary>Leads that have become something else.</summary>
    public HashSet<string> Converted { get; } = new(StringComparer.Ordinal);

    /// <summary>Records of the transactions being written: each may be in one of them only.</summary>
    public IReadOnlySet<string> Taken => _taken;

    public void Release() => _taken.Clear();

    public RecordPool Live(string objectName) => _live[objectName];

    public RecordPool Deleted(string objectName) => _deleted[objectName];

    /// <summary>A live record nobody has taken, taken.</summary>
    public string? TakeLive(string objectName) => Take(_live[objectName].Draw(_taken));

    public IReadOnlyList<string> TakeLive(string objectName, int count)
    {
        var ids = _live[objectName].Draw(count, _taken);
        _taken.UnionWith(ids);
        return ids;
    }

    public string? TakeDeleted(string objectName) => Take(_deleted[objectName].Draw(_taken));

    public void Created(string objectName, string id)
    {
        _live[objectName].Add(id);
        _taken.Add(id);
    }

    public void Delete(string objectName, string id)
    {
        _live[objectName].Remove(id);
        _deleted[objectName].Add(id);
    }

    public void Undelete(string objectName, string id)
    {
        _deleted[objectName].Remove(id);
        _live[objectName].Add(id);
    }

    /// <summary>Out of reach: nothing more will happen to it.</summary>
    public void Forget(string objectName, string id)
    {
        _live[objectName].Remove(id);
        _deleted[objectName].Remove(id);
    }

    public bool IsPerson(string id) => PersonContacts.ContainsKey(id) || PersonAccounts.ContainsKey(id);

    public bool IsPerson(SimulatedObject of, string id) => of.Name == "Account" && PersonContacts.ContainsKey(id);

    private void Adopt(SimulatedRecord record)
    {
        (record.Deleted ? _deleted : _live)[record.Object.Name].Add(record.Id);
        if (record.Object.Name == "Account" && record.Values[record.Object["PersonContactId"]] is string contact && record.Values[record.Object["LastName"]] is not null)
        {
            PersonContacts.TryAdd(record.Id, contact);
            PersonAccounts.TryAdd(contact, record.Id);
        }
        if (record.Object.Find("IsConverted") is { } converted && record.Values[converted] is true) Converted.Add(record.Id);
    }

    private string? Take(string? id)
    {
        if (id is not null) _taken.Add(id);
        return id;
    }
}
