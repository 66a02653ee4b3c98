namespace SalesforceSync.Tests.Chaos;

/// <summary>What a proxy has done to its connections: a fault that never struck was not tested. Any thread.</summary>
internal sealed class ProxyTally
{
    private long _delayed;
    private long _throttled;
    private long _sliced;
    private long _reset;
    private long _swallowed;
    private long _cutBefore;
    private long _answersLost;

    /// <summary>Portions that waited.</summary>
    public long Delayed => Interlocked.Read(ref _delayed);

    /// <summary>Portions that waited for the rate.</summary>
    public long Throttled => Interlocked.Read(ref _throttled);

    /// <summary>Portions that went on in pieces.</summary>
    public long Sliced => Interlocked.Read(ref _sliced);

    /// <summary>Connections reset under both sides.</summary>
    public long Reset => Interlocked.Read(ref _reset);

    /// <summary>Portions of either side that were never heard of again.</summary>
    public long Swallowed => Interlocked.Read(ref _swallowed);

    /// <summary>Exchanges whose question was cut off before the server had all of it.</summary>
    public long CutBefore => Interlocked.Read(ref _cutBefore);

    /// <summary>Exchanges that the server answered and the client never heard the answer of.</summary>
    public long AnswersLost => Interlocked.Read(ref _answersLost);

    public void CountDelayed() => Interlocked.Increment(ref _delayed);

    public void CountThrottled() => Interlocked.Increment(ref _throttled);

    public void CountSliced() => Interlocked.Increment(ref _sliced);

    public void CountReset() => Interlocked.Increment(ref _reset);

    public void CountSwallowed() => Interlocked.Increment(ref _swallowed);

    public void CountCutBefore() => Interlocked.Increment(ref _cutBefore);

    public void CountAnswerLost() => Interlocked.Increment(ref _answersLost);
}
