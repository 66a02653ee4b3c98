using System.Collections.Concurrent;

namespace SalesforceSync.Apply;

/// <summary>The last change of an object that was applied.</summary>
/// <param name="CommitAt">By Salesforce's clock.</param>
/// <param name="SchemaId">Of its event: Salesforce's name of one version of the object's fields.</param>
internal readonly record struct LastChange(DateTimeOffset CommitAt, string SchemaId);

/// <summary>How far one channel is applied, for whoever watches; written by its apply loop, read from any thread.</summary>
internal sealed class ApplyProgress
{
    private readonly ConcurrentDictionary<string, LastChange> _objects = new(StringComparer.Ordinal);
    private long _behind = long.MaxValue;
    private long _worstLag = -1;

    /// <summary>True when everything stored is applied, apart from transactions that may still grow.</summary>
    public bool IsCaughtUp => Interlocked.Read(ref _behind) == 0;

    /// <summary>Events stored and not looked at yet; null before the first look.</summary>
    public long? Behind => Interlocked.Read(ref _behind) is var behind and < long.MaxValue ? behind : null;

    /// <summary>The last change of each object since this loop began.</summary>
    public IReadOnlyDictionary<string, LastChange> Objects => _objects;

    public void Report(long applied, int pending, long stored) => Interlocked.Exchange(ref _behind, Math.Max(0, stored - applied - pending));

    /// <summary>These objects were changed, and a transaction was so late at the most.</summary>
    public void Committed(IReadOnlyDictionary<string, LastChange> objects, TimeSpan? lag)
    {
        foreach (var (name, last) in objects)
            _objects[name] = last;
        if (lag is { } late && late.Ticks > Interlocked.Read(ref _worstLag))
            Interlocked.Exchange(ref _worstLag, late.Ticks);
    }

    /// <summary>The longest time from a commit at Salesforce to the tables since this was asked last; null when nothing was applied. For one asker.</summary>
    public TimeSpan? TakeWorstLag() => Interlocked.Exchange(ref _worstLag, -1) is >= 0 and var ticks ? new TimeSpan(ticks) : null;
}
