using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Simulator.Events;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>
/// The fields a channel adds to the updates and deletes of one object. A merged event becomes one for each record, and each carries the values its record has
/// when it is delivered, so that a second delivery may differ from the first.
/// </summary>
internal sealed class Enrichment(SimulatedOrg org, IReadOnlyList<string> fields)
{
    public ProducerEvent Enrich(BusEntry entry, int sibling)
    {
        var change = entry.Change!;
        var id = change.Header.RecordIds[sibling];
        var added = org.Read(records => fields.Select(change.Object.Find).OfType<Leaf>()
            .ToDictionary(leaf => leaf.Index, leaf => records.Find(id) is { } record && org.Access.MaySee(change.Object, leaf.Field) ? record.Values[leaf] : null));
        var body = new EventBody(leaf => change.Body.Shown(leaf) ?? added.GetValueOrDefault(leaf.Index))
        {
            Changed = change.Body.Changed,
            Nulled = change.Body.Nulled,
            Differences = change.Body.Differences,
            WholeCompounds = change.Body.WholeCompounds
        };
        return new ProducerEvent
        {
            Id = entry.Event!.Id,
            SchemaId = entry.Event.SchemaId,
            Payload = UnsafeByteOperations.UnsafeWrap(new EventEncoder().Write(change.Schema, change.Header with { RecordIds = [id] }, body))
        };
    }
}

/// <summary>What an event says, kept so that it can be said once more with other fields beside it.</summary>
internal sealed record PublishedChange(SimulatedObject Object, EventSchema Schema, ChangeHeader Header, EventBody Body);
