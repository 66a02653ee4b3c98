using System.Runtime.ExceptionServices;

namespace SalesforceSync.Diagnostics;

/// <summary>
/// The owner of tasks that run side by side: it starts them, stops all when one fails, and is not left before all have ended.
/// </summary>
/// <remarks>
/// The first failure is rethrown, with its stack; what the others throw while they are being stopped is its echo. A task that ends without a
/// failure leaves the others running. Safe from any thread; a task may start further ones in its own group.
/// </remarks>
internal sealed class TaskGroup(CancellationToken stop) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly List<Task> _tasks = [];
    private readonly Lock _gate = new();
    private ExceptionDispatchInfo? _failure;
    private bool _told;
    private bool _cut;
    private bool _left;

    /// <summary>Cancelled when we are told to stop, when a task failed, and when the group is left.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Which task failed first; null while none has.</summary>
    public string? FailedTask { get; private set; }

    /// <summary>Starts <paramref name="work"/> on the thread pool; its token is <see cref="Stop"/>.</summary>
    /// <exception cref="ObjectDisposedException">The group has been left.</exception>
    public void Start(string name, Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_left, this);
            _tasks.Add(RunAsync(name, work));
        }
    }

    /// <summary>Asks every task to stop and waits for none.</summary>
    public void Cancel() => _stop.Cancel();

    /// <summary>Waits until all tasks have ended, those started meanwhile too; rethrows the first failure.</summary>
    /// <exception cref="OperationCanceledException">No task failed, but the token given to the group cut one short.</exception>
    public async Task WhenAllAsync()
    {
        await EndedAsync();
        _told = true;
        _failure?.Throw();
        if (_cut) stop.ThrowIfCancellationRequested();
    }

    /// <summary>Stops all tasks and waits for them; rethrows the first failure if nobody has been told of it.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_left) return;
            _left = true;
        }
        await _stop.CancelAsync();
        await EndedAsync();
        _stop.Dispose();
        if (!_told) _failure?.Throw();
    }

    private async Task EndedAsync()
    {
        for (var ended = 0; ; ended++)
        {
            Task next;
            lock (_gate)
            {
                if (ended == _tasks.Count) return;
                next = _tasks[ended];
            }
            await next;
        }
    }

    private async Task RunAsync(string name, Func<CancellationToken, Task> work)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await work(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _cut = true;
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                if (_failure is null && !PlantedBug.Is(PlantedBugs.FailureSwallowed)) (_failure, FailedTask) = (ExceptionDispatchInfo.Capture(failure), name);
            }
            await _stop.CancelAsync();
        }
    }
}
