namespace SalesforceSync.Simulator.Server;

/// <summary>
/// What a subscriber has asked for and not yet received. Requests add up to at most 100; a larger request counts as 100 (flow control, Pub/Sub API guide).
/// </summary>
internal sealed class Credit
{
    private const int Most = 100;
    private readonly Lock _lock = new();
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _pending;

    public int Pending
    {
        get { lock (_lock) return _pending; }
    }

    /// <summary>Completes when credit is added after this call.</summary>
    public Task Added
    {
        get { lock (_lock) return _added.Task; }
    }

    /// <returns>False when more was asked for than fits; what fits is added all the same.</returns>
    public bool Add(int requested)
    {
        TaskCompletionSource waiting;
        bool fits;
        lock (_lock)
        {
            var wanted = _pending + Math.Min(requested, Most);
            fits = requested <= Most && wanted <= Most;
            _pending = Math.Min(wanted, Most);
            waiting = _added;
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        waiting.SetResult();
        return fits;
    }

    /// <returns>What is left.</returns>
    public int Spend(int events)
    {
        lock (_lock) return _pending -= events;
    }
}
