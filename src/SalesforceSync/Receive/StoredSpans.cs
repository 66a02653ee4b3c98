using System.Diagnostics;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Receive;

/// <summary>
/// Tells of each traced transaction what of it was stored by one commit. Which transaction an event belongs to is noted as its header is read, so that nothing
/// is read twice. What is held back after a loss is not told. Used by one receive loop.
/// </summary>
internal sealed class StoredSpans(TransactionTraces traces, string org, string channel)
{
    private readonly Dictionary<(ReplayId, string), (ActivityTraceId Trace, ChangeEventHeader Header)> _noted = [];
    private string? _key;
    private ActivityTraceId? _trace;

    /// <summary>A few items are about to be understood.</summary>
    public void Begin() => _noted.Clear();

    /// <summary>The header of one of their events was read.</summary>
    public void Note(RawEvent raw, ChangeEventHeader header)
    {
        if (traces.AreOff || header.IsGap)
            return;
        // Events of one transaction come one after another.
        if (!string.Equals(header.TransactionKey, _key, StringComparison.Ordinal))
            (_key, _trace) = (header.TransactionKey, traces.Find(header.TransactionKey));
        if (_trace is { } trace)
            _noted[(raw.ReplayId, raw.EventId)] = (trace, header);
    }

    /// <summary>Those that were new are stored.</summary>
    public void Tell(IReadOnlyList<StoredEvent> events, DateTimeOffset stored)
    {
        if (_noted.Count == 0)
            return;
        var told = events.Where(e => _noted.ContainsKey((e.ReplayId, e.EventId))).Select(e => (Event: e, Noted: _noted[(e.ReplayId, e.EventId)]));
        foreach (var one in told.GroupBy(t => t.Noted.Trace).Select(g => g.ToList()))
        {
            TransactionTraces.Tell(
                "store", ActivityKind.Consumer, TransactionTraces.Under(one[0].Noted.Trace), one.Min(t => t.Event.ReceivedAt), stored,
                TransactionTraces.Attribute("org", org), TransactionTraces.Attribute("channel", channel),
                TransactionTraces.Attribute("transaction_key", one[0].Noted.Header.TransactionKey), TransactionTraces.Attribute("events", one.Count),
                TransactionTraces.Attribute("objects", one.Select(t => t.Noted.Header.EntityName).Distinct().Order(StringComparer.Ordinal).ToArray()),
                TransactionTraces.Attribute("first_event", one[0].Event.Number), TransactionTraces.Attribute("last_event", one[^1].Event.Number),
                TransactionTraces.Attribute("commit_number", one[^1].Noted.Header.CommitNumber));
        }
    }
}
