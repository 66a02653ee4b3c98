namespace SalesforceSync.Tests.Subscribe;

/// <summary>A clock that stands still until told. A test waits for the timer it expects before it goes on, so nothing depends on how fast a thread is.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private readonly List<(TimeSpan Due, TaskCompletionSource Seen)> _waiters = [];
    private TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate) return _now.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public bool HasTimer(TimeSpan due)
    {
        lock (_gate) return _timers.Any(t => t.Asked == due);
    }

    /// <summary>Completes when a timer that was asked for this very time is running.</summary>
    public Task TimerAsync(TimeSpan due)
    {
        lock (_gate)
        {
            if (_timers.Any(t => t.Asked == due))
                return Task.CompletedTask;
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((due, seen));
            return seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    public void Advance(TimeSpan by)
    {
        List<Timer> due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(t => t.At <= _now).OrderBy(t => t.At)];
            foreach (var timer in due)
                _timers.Remove(timer);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    /// <summary>A slice of waiting that takes this long, from the moment it has begun.</summary>
    public async Task StepAsync(TimeSpan asked, TimeSpan? takes = null)
    {
        await TimerAsync(asked);
        Advance(takes ?? asked);
    }

    private sealed class Timer(SteppedTime clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan Asked { get; private set; }

        public TimeSpan At { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                (Asked, At) = (dueTime, clock._now + dueTime);
                clock._timers.Add(this);
                foreach (var waiter in clock._waiters.Where(w => w.Due == dueTime).ToList())
                {
                    clock._waiters.Remove(waiter);
                    waiter.Seen.SetResult();
                }
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
