namespace SalesforceSync.Simulator.Work;

/// <summary>Runs a step at a rate, catching up with what was late.</summary>
internal static class Pace
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <param name="rate">Steps per second; 0 for as fast as possible.</param>
    /// <param name="wanted">How many steps; null for no end.</param>
    /// <param name="step">One step; returns for how many it counts.</param>
    public static async Task RunAsync(double rate, long? wanted, Func<int> step, TimeProvider time, CancellationToken stop)
    {
        using var timer = rate > 0 ? new PeriodicTimer(Tick, time) : null;
        var start = time.GetTimestamp();
        for (var done = 0L; wanted is null || done < wanted;)
        {
            stop.ThrowIfCancellationRequested();
            var due = timer is null ? done + 100 : (long)(time.GetElapsedTime(start).TotalSeconds * rate);
            for (due = Math.Min(due, wanted ?? long.MaxValue); done < due; done += step()) stop.ThrowIfCancellationRequested();
            if (timer is null) await Task.Yield();
            else if (wanted is null || done < wanted) await timer.WaitForNextTickAsync(stop);
        }
    }
}
