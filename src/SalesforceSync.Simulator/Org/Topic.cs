using System.Collections.Immutable;
using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// A channel one can subscribe to: some objects of the bus, with replay ids of its own. Events of objects that the user may not read are left out without a
/// word when they would be delivered; those of objects that were not members when they came onto the bus, for ever. Any thread.
/// </summary>
/// <param name="name"><c>/data/ChangeEvents</c>, <c>/data/AccountChangeEvent</c>, <c>/data/Sales__chn</c>.</param>
/// <param name="members">What it carries from the beginning; null for everything.</param>
/// <param name="offset">Added to bus positions, so that a replay id of one topic means nothing on another.</param>
internal sealed class Topic(string name, IReadOnlySet<SimulatedObject>? members, long offset, Access access)
{
    public const string AllChanges = "/data/ChangeEvents";

    // In the order of positions: from there on the object is a member, or is not.
    private ImmutableList<Membership> _memberships = [];

    public string Name => name;

    public long Offset => offset;

    /// <summary>Fields that every update and delete carries with their value of the moment of delivery, by object; such events go one record each.</summary>
    public IReadOnlyDictionary<SimulatedObject, Enrichment> Enriched { get; init; } = new Dictionary<SimulatedObject, Enrichment>();

    /// <summary>The one object of a single-entity topic, which alone has a schema.</summary>
    public SimulatedObject? Single => members is { Count: 1 } && !name.EndsWith("__chn", StringComparison.Ordinal) ? members.First() : null;

    /// <summary>Whether events of the object go to the topic from now on.</summary>
    public bool IsMember(SimulatedObject target) => Selected(target, long.MaxValue);

    public bool Carries(BusEntry entry) => entry.Object is { } target && Selected(target, entry.Position) && entry.KeptFrom?.Contains(name) != true && access.MayRead(target);

    /// <summary>Selects or deselects an object for what comes after a position.</summary>
    public void Select(SimulatedObject target, bool selected, long after) => _memberships = _memberships.Add(new Membership(target, after, selected));

    public ByteString ReplayIdOf(long position) => ReplayPosition.Spell(position + offset);

    public ConsumerEvent Deliver(BusEntry entry)
        => offset == 0 ? entry.Delivered! : new ConsumerEvent { Event = entry.Event, ReplayId = ReplayIdOf(entry.Position) };

    /// <returns>As many events as the entry is delivered as on this topic; all share its replay id.</returns>
    public int SiblingsOf(BusEntry entry) => EnrichmentOf(entry) is null ? 1 : entry.Change!.Header.RecordIds.Count;

    /// <summary>One of the events an entry is delivered as, with the values of now. Not under the bus's lock.</summary>
    public ConsumerEvent Deliver(BusEntry entry, int sibling)
        => EnrichmentOf(entry) is { } enrichment
            ? new ConsumerEvent { Event = enrichment.Enrich(entry, sibling), ReplayId = ReplayIdOf(entry.Position) }
            : Deliver(entry);

    private Enrichment? EnrichmentOf(BusEntry entry) => entry is { Object: { } target, Change: not null } ? Enriched.GetValueOrDefault(target) : null;

    private bool Selected(SimulatedObject target, long position)
        => _memberships.FindLast(membership => membership.Object == target && membership.After < position)?.Selected ?? members?.Contains(target) ?? true;

    private sealed record Membership(SimulatedObject Object, long After, bool Selected);
}
