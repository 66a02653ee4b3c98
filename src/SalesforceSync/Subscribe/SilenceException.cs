namespace SalesforceSync.Subscribe;

/// <summary>A stream that owed us at least an empty response said nothing: its connection is dead without anybody having told us.</summary>
internal sealed class SilenceException(string topic, TimeSpan after)
    : Exception($"{topic}: no response for {after} although events were asked for; subscribe again on another connection")
{
    public string Topic { get; } = topic;

    public TimeSpan After { get; } = after;
}
