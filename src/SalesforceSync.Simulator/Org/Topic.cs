using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>A channel one can subscribe to: some objects of the bus, with replay ids of its own.</summary>
/// <param name="Name"><c>/data/ChangeEvents</c>, <c>/data/AccountChangeEvent</c>, <c>/data/Sales__chn</c>.</param>
/// <param name="Objects">What it carries; null for everything.</param>
/// <param name="Offset">Added to bus positions, so that a replay id of one topic means nothing on another.</param>
internal sealed record Topic(string Name, IReadOnlySet<SimulatedObject>? Objects, long Offset)
{
    public const string AllChanges = "/data/ChangeEvents";

    /// <summary>The one object of a single-entity topic, which alone has a schema.</summary>
    public SimulatedObject? Single => Objects is { Count: 1 } && !Name.EndsWith("__chn", StringComparison.Ordinal) ? Objects.First() : null;

    public bool Carries(BusEntry entry) => entry.Object is not null && (Objects is null || Objects.Contains(entry.Object));

    public ByteString ReplayIdOf(long position) => ReplayPosition.Spell(position + Offset);

    public ConsumerEvent Deliver(BusEntry entry)
        => Offset == 0 ? entry.Delivered! : new ConsumerEvent { Event = entry.Event, ReplayId = ReplayIdOf(entry.Position) };
}
