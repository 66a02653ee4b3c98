namespace SalesforceSync.Simulator.Server;

/// <summary>Counts what happened within the last 24 hours, to the hour. Any thread.</summary>
internal sealed class RollingDay(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Hour, long Count)> _hours = [];
    private long _sum;
    private long _current;
    private long _hour;

    public long Sum
    {
        get
        {
            lock (_lock)
            {
                Forget();
                return _sum;
            }
        }
    }

    /// <returns>The sum with this one.</returns>
    public long Add()
    {
        lock (_lock)
        {
            Forget();
            _current++;
            return ++_sum;
        }
    }

    private void Forget()
    {
        var hour = time.GetUtcNow().Ticks / TimeSpan.TicksPerHour;
        if (hour != _hour)
        {
            if (_current > 0) _hours.Enqueue((_hour, _current));
            (_hour, _current) = (hour, 0);
        }
        while (_hours.TryPeek(out var oldest) && oldest.Hour <= hour - 24) _sum -= _hours.Dequeue().Count;
    }
}
