namespace SalesforceSync.Simulator.Server;

/// <summary>What the simulated Salesforce has been asked, and what a client should never have asked.</summary>
internal sealed class CallCounts
{
    private readonly long[] _byKind = new long[Enum.GetValues<CallKind>().Length];
    private long _tokens;
    private long _rest;
    private long _schemas;
    private long _topics;
    private long _subscribes;
    private long _open;
    private long _mostOpen;
    private long _delivered;
    private long _overRequests;

    /// <summary>Requests to the token endpoint.</summary>
    public long Tokens => Interlocked.Read(ref _tokens);

    /// <summary>REST requests, which an org's API allowance counts.</summary>
    public long Rest => Interlocked.Read(ref _rest);

    public long Schemas => Interlocked.Read(ref _schemas);

    public long Topics => Interlocked.Read(ref _topics);

    public long Subscribes => Interlocked.Read(ref _subscribes);

    /// <summary>Subscriptions that are open now.</summary>
    public long Open => Interlocked.Read(ref _open);

    public long MostOpen => Interlocked.Read(ref _mostOpen);

    /// <summary>Events delivered, every subscriber counted.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Requests that brought the outstanding credit over 100.</summary>
    public long OverRequests => Interlocked.Read(ref _overRequests);

    public void Token() => Interlocked.Increment(ref _tokens);

    /// <summary>REST requests by what they were for; those that were refused for the session or the allowance are in none.</summary>
    public IReadOnlyDictionary<CallKind, long> RestByKind
        => Enum.GetValues<CallKind>().Where(kind => Interlocked.Read(ref _byKind[(int)kind]) > 0).ToDictionary(kind => kind, kind => Interlocked.Read(ref _byKind[(int)kind]));

    public void RestCall(CallKind kind)
    {
        Interlocked.Increment(ref _rest);
        Interlocked.Increment(ref _byKind[(int)kind]);
    }

    public void Schema() => Interlocked.Increment(ref _schemas);

    public void Topic() => Interlocked.Increment(ref _topics);

    public void Deliver(int events) => Interlocked.Add(ref _delivered, events);

    public void OverRequest() => Interlocked.Increment(ref _overRequests);

    public void Opened()
    {
        Interlocked.Increment(ref _subscribes);
        var open = Interlocked.Increment(ref _open);
        for (var most = MostOpen; open > most; most = MostOpen)
        {
            if (Interlocked.CompareExchange(ref _mostOpen, open, most) == most) break;
        }
    }

    public void Closed() => Interlocked.Decrement(ref _open);
}
