using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceSync.Diagnostics;

/// <summary>
/// The traces of one org's transactions (docs/traces.md). Which transactions are traced, and under which id, follows from the org and the transaction key: the
/// process that received a transaction and the one that applied it agree without a word. What is not traced costs one hash. Safe from any thread.
/// </summary>
/// <param name="ratio">The share of the transactions that is traced, 0 to 1.</param>
internal sealed class TransactionTraces(string org, double ratio)
{
    /// <summary>Whoever exports listens to the spans of this name.</summary>
    public const string Name = "SalesforceSync";

    /// <summary>Longer keys than Salesforce has are hashed all the same, with an allocation.</summary>
    private const int UsualBytes = 256;

    private static readonly ActivitySource Source = new(Name);

    private readonly byte[] _org = Encoding.UTF8.GetBytes(org + "\n");

    // As OpenTelemetry's consistent sampling has it, so that a collector which thins traces out further keeps whole ones: the last 56 bits of the id decide.
    private readonly ulong _least = (ulong)Math.Round((1 - ratio) * (1UL << 56));

    /// <summary>Traces nothing.</summary>
    public static TransactionTraces None { get; } = new("", 0);

    /// <summary>Nobody wants any.</summary>
    public bool AreOff => ratio <= 0 || !Source.HasListeners();

    /// <summary>The id of a transaction's trace, or null where it is not traced: the first half of SHA-256 of the org, a line feed, and the key.</summary>
    public ActivityTraceId? Find(string key)
    {
        if (AreOff)
            return null;
        var most = _org.Length + Encoding.UTF8.GetMaxByteCount(key.Length);
        var text = most <= UsualBytes ? stackalloc byte[UsualBytes] : new byte[most];
        _org.CopyTo(text);
        var length = _org.Length + Encoding.UTF8.GetBytes(key, text[_org.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        return IsSampled(hash[..16]) ? ActivityTraceId.CreateFromBytes(hash[..16]) : null;
    }

    /// <summary>Tells a span that is over.</summary>
    /// <param name="parent">Without a span: it is the first of its trace.</param>
    /// <returns>To be the parent of others.</returns>
    public static ActivityContext Tell(
        string name, ActivityKind kind, ActivityContext parent, DateTimeOffset from, DateTimeOffset until, params KeyValuePair<string, object?>[] attributes)
    {
        // What this thread does for somebody else is not what it is told of.
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            // Two clocks: what was committed in the second in which it came may seem to come before its commit.
            using var span = Source.StartActivity(name, kind, parent, attributes, links: null, from < until ? from : until);
            span?.SetEndTime(until.UtcDateTime);
            return span?.Context ?? parent;
        }
        finally
        {
            Activity.Current = current;
        }
    }

    /// <summary>What the first span of a trace, or of a part of it, has for a parent.</summary>
    public static ActivityContext Under(ActivityTraceId trace) => new(trace, default, ActivityTraceFlags.Recorded);

    public static KeyValuePair<string, object?> Attribute(string name, object? value) => new($"salesforce_sync.{name}", value);

    private bool IsSampled(ReadOnlySpan<byte> id) => (BinaryPrimitives.ReadUInt64BigEndian(id[8..]) & ((1UL << 56) - 1)) >= _least;
}
