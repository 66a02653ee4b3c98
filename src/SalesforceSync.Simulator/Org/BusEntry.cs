using Eventbus.V1;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Org;

/// <summary>A place on the bus: a change event, or something subscribers of this org do not see but that moves their position.</summary>
/// <param name="Object">Whose event it is; null for what nobody sees.</param>
/// <param name="Event">The event as it is delivered; without replay id for what nobody sees.</param>
internal sealed record BusEntry(SimulatedObject? Object, ProducerEvent? Event)
{
    /// <summary>What it says, where a channel may add to it.</summary>
    public PublishedChange? Change { get; init; }

    /// <summary>It comes onto the bus behind the next transaction: gap events are not strongly ordered.</summary>
    public bool Strays { get; init; }

    /// <summary>Topics whose filter it does not match; null for none.</summary>
    public IReadOnlyList<string>? KeptFrom { get; init; }

    /// <summary>Given on arrival; rises with holes.</summary>
    public long Position { get; set; }

    public DateTimeOffset At { get; set; }

    /// <summary>The event as the channel of all changes delivers it; made on arrival.</summary>
    public ConsumerEvent? Delivered { get; set; }
}
