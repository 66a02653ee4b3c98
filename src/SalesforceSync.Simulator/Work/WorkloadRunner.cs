using SalesforceSync.Simulator.Org;

namespace SalesforceSync.Simulator.Work;

/// <summary>Carries out one order at a time, in the background. Any thread may ask; disposing stops and awaits it.</summary>
/// <param name="loseReplayIds">Cuts the streams and makes their positions void.</param>
internal sealed class WorkloadRunner(SimulatedOrg org, Action loseReplayIds, CancellationToken stopping) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
    private Workload? _workload;
    private WorkloadOptions? _options;
    private WorkloadOrder? _order;
    private TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private long _committed;
    private bool _held;

    public WorkloadStatus Status
    {
        get
        {
            lock (_lock)
            {
                return new WorkloadStatus(
                    !_running.IsCompleted, _held, Interlocked.Read(ref _committed), _order?.Wanted, new Dictionary<string, long>(_workload?.Tally ?? new Dictionary<string, long>()),
                    _running.Exception?.InnerException?.Message);
            }
        }
    }

    /// <summary>Ends when the current order does, and as it does.</summary>
    public Task Completion
    {
        get { lock (_lock) return _running; }
    }

    /// <exception cref="InvalidOperationException">An order is being carried out.</exception>
    public void Start(WorkloadOrder order)
    {
        lock (_lock)
        {
            if (!_running.IsCompleted) throw new InvalidOperationException("a workload is running");
            _order = order;
            _committed = 0;
            _release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!order.Hold) _release.SetResult();
            Prepare(order.Options);
            _running = order.Bench ? BenchAsync(order, _release.Task) : MixedAsync(order, _workload!);
        }
    }

    /// <summary>Plants records that were there before, for the workload to work on.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="InvalidOperationException">An order is being carried out.</exception>
    public int Plant(PrefillOrder order)
    {
        lock (_lock)
        {
            if (!_running.IsCompleted) throw new InvalidOperationException("a workload is running");
            _workload = null;
            return Prefill.Plant(org, order);
        }
    }

    /// <summary>Commits some transactions of one kind at once, beside whatever else is being carried out, on the same records.</summary>
    /// <returns>How many were committed.</returns>
    public int Commit(HardKind kind, int times)
    {
        lock (_lock)
        {
            Prepare(_options ?? new WorkloadOptions());
            var committed = 0;
            for (; times > 0; times--) committed += _workload!.Commit(kind);
            return committed;
        }
    }

    /// <summary>Lets go what a held bench has encoded.</summary>
    public void Release()
    {
        lock (_lock) _release.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private void Prepare(WorkloadOptions options)
    {
        if (_workload is null || _options != options) (_workload, _options) = (new Workload(org, options, loseReplayIds), options);
    }

    private async Task MixedAsync(WorkloadOrder order, Workload workload)
    {
        // The caller of Start goes on at once.
        await Task.Yield();
        await Pace.RunAsync(order.Rate, order.Wanted, () =>
        {
            // A snapshot of the tally must not meet it in change.
            lock (_lock) return Committed(workload.Next());
        }, org.Time, _stop.Token);
    }

    private async Task BenchAsync(WorkloadOrder order, Task released)
    {
        await Task.Yield();
        var prepared = new BenchWorkload(org, order.Options.Seed).Prepare(order.Wanted ?? throw new InvalidOperationException("a bench needs a number of transactions"), _stop.Token);
        lock (_lock) _held = true;
        await released.WaitAsync(_stop.Token);
        lock (_lock) _held = false;
        if (order.Rate <= 0)
        {
            org.Release(prepared);
            Committed(prepared.Count);
            return;
        }
        var next = 0;
        await Pace.RunAsync(order.Rate, prepared.Count, () =>
        {
            org.Release([prepared[next++]]);
            return Committed(1);
        }, org.Time, _stop.Token);
    }

    private int Committed(int count)
    {
        Interlocked.Add(ref _committed, count);
        return count;
    }
}
