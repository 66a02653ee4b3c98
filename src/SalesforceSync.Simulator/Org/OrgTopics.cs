using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>The topics of a new org: all changes, one for each object, and the custom channels.</summary>
internal static class OrgTopics
{
    private const long Apart = 7_000_000_019;

    public static IEnumerable<Topic> Of(SimulatedOrg org, IReadOnlyList<SimulatedObject> objects)
    {
        yield return Make(Topic.AllChanges, null, 0);
        var offset = 0L;
        foreach (var one in objects) yield return Make(one.Topic, new HashSet<SimulatedObject> { one }, offset += Apart);
        foreach (var (name, members) in org.Options.Channels)
        {
            yield return Make($"/data/{name}__chn", members.Select(member => objects.Single(o => o.Name == member)).ToHashSet(), offset += Apart);
        }

        Topic Make(string name, HashSet<SimulatedObject>? members, long apart) => new(name, members, apart, org.Access)
        {
            Enriched = org.Options.Enrichment.TryGetValue(name, out var added)
                ? added.ToDictionary(pair => objects.Single(o => o.Name == pair.Key), pair => new Enrichment(org, pair.Value))
                : []
        };
    }
}
