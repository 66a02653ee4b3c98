namespace SalesforceSync.Snapshot;

/// <summary>
/// Whether there is anything open for the loops that read from Salesforce. One look a second at the control tables stands for all of theirs: while nothing is
/// open they look by themselves only now and then, for what the clock alone brings. Told by one, asked by many.
/// </summary>
internal sealed class Lookout(TimeProvider time)
{
    private static readonly TimeSpan Leisurely = TimeSpan.FromSeconds(10);

    /// <summary>So many looks must have found nothing: whoever was at work in between looks once more at what became of it.</summary>
    private const int CalmLooks = 3;

    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isCalm;
    private int _calm;

    /// <summary>What a look has found; until the first there may be anything.</summary>
    public void Tell(bool isAnythingOpen)
    {
        _calm = isAnythingOpen ? 0 : _calm + 1;
        var isCalm = _calm >= CalmLooks;
        if (_isCalm == isCalm)
            return;
        _isCalm = isCalm;
        if (!isCalm)
            Interlocked.Exchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>Waits until it is worth looking again.</summary>
    /// <param name="brisk">For so long, while something is open.</param>
    public async Task WaitAsync(TimeSpan brisk, CancellationToken stop)
    {
        // In this order, so that news between the two is not missed.
        var news = Volatile.Read(ref _news).Task;
        if (!_isCalm)
        {
            await Task.Delay(brisk, time, stop);
            return;
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(news, Task.Delay(Leisurely, time, over.Token));
        await over.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }
}
