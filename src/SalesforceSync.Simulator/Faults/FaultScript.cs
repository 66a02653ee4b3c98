namespace SalesforceSync.Simulator.Faults;

/// <summary>
/// The faults ordered and how often each kind has struck. Any thread. A fault of a stream strikes the first stream that comes to it.
/// </summary>
internal sealed class FaultScript
{
    private readonly Lock _lock = new();
    private readonly List<ArmedFault> _armed = [];
    private readonly Dictionary<FaultKind, long> _fired = [];
    private readonly Dictionary<FaultKind, Action> _immediate = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when something is armed after this call.</summary>
    public Task Changed
    {
        get { lock (_lock) return _changed.Task; }
    }

    /// <summary>How often each kind has struck since the start.</summary>
    public IReadOnlyDictionary<FaultKind, long> Fired
    {
        get { lock (_lock) return new Dictionary<FaultKind, long>(_fired); }
    }

    public ArmedFault Arm(FaultKind kind, FaultOrder? order = null)
    {
        var fault = new ArmedFault(kind, order ?? new FaultOrder());
        Action? act;
        TaskCompletionSource waiting;
        lock (_lock)
        {
            if (_immediate.TryGetValue(kind, out act)) Strike(fault);
            else _armed.Add(fault);
            waiting = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        act?.Invoke();
        waiting.SetResult();
        return fault;
    }

    /// <summary>Takes back all that has not struck yet.</summary>
    public void Clear()
    {
        lock (_lock) _armed.Clear();
    }

    /// <summary>What a kind does that strikes when it is ordered.</summary>
    internal void OnArm(FaultKind kind, Action act) => _immediate[kind] = act;

    /// <summary>How many events may go into the next batch without passing a fault's moment.</summary>
    internal int EventsUntilNext(int wanted)
    {
        lock (_lock)
        {
            foreach (var fault in _armed)
            {
                if (StrikesStreams(fault.Kind) && fault.EventsLeft > 0) wanted = Math.Min(wanted, fault.EventsLeft);
            }
            return wanted;
        }
    }

    /// <summary>Tells that events were delivered.</summary>
    internal void Delivered(int events)
    {
        lock (_lock)
        {
            foreach (var fault in _armed.Where(fault => StrikesStreams(fault.Kind))) fault.EventsLeft -= events;
        }
    }

    /// <summary>Takes the strike that is due among the kinds, if any.</summary>
    internal ArmedFault? Take(params ReadOnlySpan<FaultKind> kinds)
    {
        lock (_lock)
        {
            foreach (var fault in _armed)
            {
                if (!fault.Due || !kinds.Contains(fault.Kind)) continue;
                if (fault.CallsLeft > 0)
                {
                    fault.CallsLeft--;
                    continue;
                }
                Strike(fault);
                if (fault.TimesLeft <= 0) _armed.Remove(fault);
                return fault;
            }
            return null;
        }
    }

    private void Strike(ArmedFault fault)
    {
        fault.Strike();
        _fired[fault.Kind] = _fired.GetValueOrDefault(fault.Kind) + 1;
    }

    private static bool StrikesStreams(FaultKind kind) => kind <= FaultKind.SlowDown;
}
