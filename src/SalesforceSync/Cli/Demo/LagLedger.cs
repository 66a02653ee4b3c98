using SalesforceSync.Simulator.Control;

namespace SalesforceSync.Cli.Demo;

/// <summary>
/// Joins what the org committed with what was seen in Postgres, by replay id. Both sides are stamped by this machine's clock, in milliseconds since 1970;
/// a commit counts from its own stamp until the moment somebody outside the worker saw that the applied position had reached or passed it. Any thread.
/// </summary>
internal sealed class LagLedger
{
    /// <summary>Undisturbed is what was not committed from so long before a disturbance until the copy was less than so long behind again.</summary>
    public const double Disturbing = 1_000;

    private readonly Lock _gate = new();
    private readonly List<double> _committed = [];
    private readonly List<double> _lags = [];
    private readonly Dictionary<string, int> _place = new(StringComparer.Ordinal);
    private readonly Queue<(string ReplayId, double At)> _sightings = new();
    private readonly List<double> _disturbed = [];
    private string? _received;

    /// <summary>Of the last commit known; null for none.</summary>
    public string? Newest { get; private set; }

    public int Committed
    {
        get { lock (_gate) return _committed.Count; }
    }

    /// <summary>Events up to the position last seen as received.</summary>
    public int Received
    {
        get { lock (_gate) return _received is { } id && _place.TryGetValue(id, out var place) ? Math.Max(place + 1, _lags.Count) : _lags.Count; }
    }

    /// <summary>Events up to the position last seen as applied.</summary>
    public int Applied
    {
        get { lock (_gate) return _lags.Count; }
    }

    /// <summary>More of what the org committed, in its order; what is known already is passed over.</summary>
    public void Commits(IEnumerable<CommitStamp> stamps)
    {
        lock (_gate)
        {
            foreach (var stamp in stamps)
            {
                if (!_place.TryAdd(stamp.ReplayId, _committed.Count))
                    continue;
                _committed.Add(stamp.At);
                Newest = stamp.ReplayId;
            }
            Settle();
        }
    }

    /// <summary>The applied position was read; it may be known here before the commit is.</summary>
    public void SeenApplied(string replayId, double at)
    {
        lock (_gate)
        {
            _sightings.Enqueue((replayId, at));
            Settle();
        }
    }

    public void SeenReceived(string replayId)
    {
        lock (_gate)
            _received = replayId;
    }

    /// <summary>The worker was killed or its stream cut; told right after it.</summary>
    public void Disturbed(double at)
    {
        lock (_gate)
            _disturbed.Add(at);
    }

    /// <summary>Everything, the time included in which there was no worker.</summary>
    public LagFigures All()
    {
        List<double> lags;
        lock (_gate)
            lags = [.. _lags];
        return LagFigures.Of(lags);
    }

    /// <summary>Without what was committed around a disturbance; nothing counts after one from which the copy has not recovered.</summary>
    public LagFigures Undisturbed()
    {
        List<double> lags;
        lock (_gate)
        {
            var windows = _disturbed.ConvertAll(at => (From: at - Disturbing, To: CaughtUp(at)));
            lags = [.. _lags.Where((_, place) => !windows.Exists(window => _committed[place] >= window.From && _committed[place] < window.To))];
        }
        return LagFigures.Of(lags);
    }

    private double CaughtUp(double disturbed)
    {
        for (var place = 0; place < _lags.Count; place++)
        {
            if (_committed[place] >= disturbed && _lags[place] < Disturbing)
                return _committed[place];
        }
        return double.PositiveInfinity;
    }

    private void Settle()
    {
        while (_sightings.TryPeek(out var sighting))
        {
            if (!_place.TryGetValue(sighting.ReplayId, out var place))
            {
                // Commits are told in their order: one that is passed over was forgotten before anybody asked, and waits for nothing.
                if (!_sightings.Any(later => _place.ContainsKey(later.ReplayId)))
                    return;
                _sightings.Dequeue();
                continue;
            }
            _sightings.Dequeue();
            for (var next = _lags.Count; next <= place; next++)
                _lags.Add(sighting.At - _committed[next]);
        }
    }
}
