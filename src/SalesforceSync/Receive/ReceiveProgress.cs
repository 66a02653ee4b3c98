namespace SalesforceSync.Receive;

/// <summary>How one channel's subscription is doing, for whoever watches; written by its receive loop, read from any thread.</summary>
/// <param name="before">What a loop before this one reported of the channel: the silence goes on.</param>
internal sealed class ReceiveProgress(TimeProvider time, ReceiveProgress? before = null)
{
    private long _spoke = before?._spoke ?? time.GetTimestamp();
    private volatile string? _trouble;
    private volatile bool _isListening;
    private long _received;

    /// <summary>Events received and stored since the start.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Since when nothing has been heard.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _spoke));

    /// <summary>Why there is no live stream just now, or null.</summary>
    public string? Trouble => _trouble;

    /// <summary>A response has come on the call that is open.</summary>
    public bool IsListening => _isListening;

    public void Heard(int events)
    {
        Interlocked.Exchange(ref _spoke, time.GetTimestamp());
        Interlocked.Add(ref _received, events);
        _trouble = null;
        _isListening = true;
    }

    public void Ended(string? why)
    {
        _isListening = false;
        _trouble = why;
    }
}
