namespace SalesforceSync.Subscribe;

/// <summary>
/// What one Subscribe call says, in order. <see cref="StreamTime"/> is a clock of the call that runs only while the stream is live and silent: credit was
/// outstanding, everything received had been handed on and a read was waiting throughout. A transaction is closed by this clock, never by the wall's.
/// </summary>
internal abstract record StreamItem(TimeSpan StreamTime)
{
    /// <summary>A response with events.</summary>
    internal sealed record Events(IReadOnlyList<RawEvent> List, ReplayId Latest, string RpcId, TimeSpan StreamTime) : StreamItem(StreamTime);

    /// <summary>An empty response: everything before it was sent, and the stream is at <paramref name="Latest"/>.</summary>
    internal sealed record Keepalive(ReplayId Latest, string RpcId, TimeSpan StreamTime) : StreamItem(StreamTime);

    /// <summary>Nothing was said for a while; emitted as the clock passes the offsets that matter, then not again until the next response.</summary>
    internal sealed record Quiet(TimeSpan StreamTime) : StreamItem(StreamTime);
}
