using Eventbus.V1;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Worlds;

/// <summary>A subscription without a network: it says what the simulated bus would, but only when asked, so that a schedule decides when.</summary>
internal sealed class WorldStream(SimulatedOrg org, Topic topic)
{
    private readonly List<ConsumerEvent> _batch = [];
    private BusPlace _place;
    private long _seen;
    private TimeSpan _time;

    /// <summary>How long this call has been live.</summary>
    public TimeSpan Time => _time;

    /// <summary>Nothing was said for a while.</summary>
    public StreamItem Silence => new StreamItem.Quiet(_time);

    /// <summary>The next response would bring events.</summary>
    public bool HasMore
    {
        get
        {
            var (place, next) = (_place, new List<ConsumerEvent>());
            org.Bus.Read(topic, ref place, 1, int.MaxValue, next);
            return next.Count > 0;
        }
    }

    /// <summary>The stream is live and says nothing.</summary>
    public void Wait(TimeSpan silence) => _time += silence;

    /// <summary>False when the bus refuses the id, as Salesforce does once it has expired or become void.</summary>
    public bool Start(SubscriptionStart start)
    {
        (_seen, _time) = (org.Bus.Newest, TimeSpan.Zero);
        switch (start.Preset)
        {
            case ReplayPreset.Earliest:
                _place = org.Bus.Earliest;
                return true;
            case ReplayPreset.Latest:
                _place = org.Bus.Latest;
                return true;
            default:
                if (ReplayPosition.Read(start.ReplayId.Span) is not { } number || org.Bus.After(number - topic.Offset) is not { } place)
                    return false;
                (_place, _seen) = (place, number - topic.Offset);
                return true;
        }
    }

    /// <summary>The next response with at most so many events; an empty one when there are none.</summary>
    public StreamItem Next(int most)
    {
        _batch.Clear();
        // What an order of silence closes is decided by stream time: every response is a little later than the one before.
        _time += TimeSpan.FromMilliseconds(1);
        if (org.Bus.Read(topic, ref _place, most, int.MaxValue, _batch) is { } seen)
            _seen = seen;
        var latest = new ReplayId(topic.ReplayIdOf(_seen).ToByteArray());
        if (_batch.Count == 0)
            return new StreamItem.Keepalive(latest, "world", _time);
        var events = _batch.Select(e => new RawEvent(e.Event.Id, e.Event.SchemaId, new ReplayId(e.ReplayId.ToByteArray()), e.Event.Payload.Memory)).ToList();
        return new StreamItem.Events(events, events[^1].ReplayId, "world", _time);
    }
}
