namespace SalesforceSync.Tests.Subscribe;

/// <summary>Every thread of the pool is held, and whatever is queued waits, until this is disposed. Only for tests that run beside no others.</summary>
internal sealed class BlockedPool : IDisposable
{
    /// <summary>More than the pool makes threads while a test lasts.</summary>
    private const int Blockers = 64;

    private readonly ManualResetEventSlim _over = new();
    private readonly CountdownEvent _left = new(Blockers);
    private int _held;

    public BlockedPool()
    {
        for (var i = 0; i < Blockers; i++)
            ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.Hold(), this, preferLocal: false);
        var began = TimeProvider.System.GetTimestamp();
        while (Volatile.Read(ref _held) < ThreadPool.ThreadCount && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(5))
            Thread.Yield();
    }

    public void Dispose()
    {
        _over.Set();
        _left.Wait();
        _over.Dispose();
        _left.Dispose();
    }

    private void Hold()
    {
        Interlocked.Increment(ref _held);
        _over.Wait();
        _left.Signal();
    }
}
