using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>The crowds of an org, by object.</summary>
internal sealed class Crowds
{
    private readonly Dictionary<SimulatedObject, Crowd> _byObject;

    /// <param name="counts">Object name to number of records.</param>
    /// <exception cref="ArgumentException">The org has no such object.</exception>
    public Crowds(SimulatedOrg org, IReadOnlyDictionary<string, int> counts)
        => _byObject = counts.ToDictionary(pair => org[pair.Key], pair => new Crowd(org[pair.Key], pair.Value));

    public Crowd? Of(SimulatedObject target) => _byObject.GetValueOrDefault(target);

    public SimulatedRecord? Find(SimulatedObject target, string id)
        => Of(target) is { } crowd && crowd.NumberOf(SalesforceId.Widen(id)) is { } number ? crowd.Record(number) : null;
}
