namespace SalesforceSync.Subscribe;

/// <summary>
/// How many events Salesforce still owes one call. It is our own count, because the server's number does not know of requests still on their way;
/// where such requests cannot explain a difference, the server is right. Safe for one reader and one asker.
/// </summary>
internal sealed class Credit
{
    /// <summary>Salesforce takes no more than this for one call (Pub/Sub API guide, "Flow control").</summary>
    public const int Most = 100;

    private readonly Lock _gate = new();
    private readonly List<int> _perhapsUnseen = [];
    private TaskCompletionSource? _waiter;
    private int _outstanding;

    public int Outstanding
    {
        get { lock (_gate) return _outstanding; }
    }

    /// <summary>True when the server may not know yet of any event it owes: it cannot speak before our request has arrived.</summary>
    public bool IsOnItsWay
    {
        get { lock (_gate) return _outstanding > 0 && _perhapsUnseen.Sum() == _outstanding; }
    }

    /// <summary>How many to ask for now: nothing before half is used up, since too frequent requests are an offence too.</summary>
    public int Wanted(int room)
    {
        lock (_gate)
            return _outstanding > Most / 2 ? 0 : Math.Clamp(room, 0, Most - _outstanding);
    }

    /// <summary>Counts what is about to be asked for, and tells how many that is.</summary>
    public int Ask(int room)
    {
        lock (_gate)
        {
            var wanted = Wanted(room);
            if (wanted == 0)
                return 0;
            _outstanding += wanted;
            _perhapsUnseen.Add(wanted);
            _waiter?.TrySetResult();
            _waiter = null;
            return wanted;
        }
    }

    /// <summary>Counts a response.</summary>
    /// <param name="events">May be more than asked for.</param>
    /// <param name="pending">The server's own count after it.</param>
    public void Delivered(int events, int pending)
    {
        lock (_gate)
        {
            var owed = Math.Clamp(pending, 0, Most);
            var missing = Math.Max(0, _outstanding - events) - owed;
            // The server reads requests in order, so what it has not read yet is a tail of them.
            var (unseen, tail) = (0, _perhapsUnseen.Count);
            while (tail > 0 && unseen + _perhapsUnseen[tail - 1] <= missing)
                unseen += _perhapsUnseen[--tail];
            _perhapsUnseen.RemoveRange(0, tail);
            _outstanding = Math.Min(Most, owed + unseen);
        }
    }

    /// <summary>Completes as soon as something is outstanding.</summary>
    public Task Granted()
    {
        lock (_gate)
        {
            if (_outstanding > 0)
                return Task.CompletedTask;
            _waiter ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter.Task;
        }
    }
}
