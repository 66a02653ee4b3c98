using System.Diagnostics;
using SalesforceSync.Assemble;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>Tells the way of each traced transaction of a commit, once the commit has returned: names and numbers, never a value. Used by one apply loop.</summary>
internal sealed class AppliedSpans(TransactionTraces traces, string org, string channel)
{
    /// <param name="began">When the commit began to be written.</param>
    public void Tell(IReadOnlyList<Transaction> transactions, DateTimeOffset began, DateTimeOffset committed)
    {
        if (traces.AreOff)
            return;
        foreach (var transaction in transactions)
        {
            if (transaction.Key is { } key && traces.Find(key) is { } trace)
                Tell(transaction, trace, transactions, began, committed);
        }
    }

    private void Tell(Transaction transaction, ActivityTraceId trace, IReadOnlyList<Transaction> together, DateTimeOffset began, DateTimeOffset committed)
    {
        var received = transaction.FirstReceivedAt;
        var commit = transaction.CommitTimestamp > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(transaction.CommitTimestamp) : received;
        var whole = TransactionTraces.Tell(
            "transaction", ActivityKind.Consumer, TransactionTraces.Under(trace), commit < received ? commit : received, committed,
            TransactionTraces.Attribute("org", org), TransactionTraces.Attribute("channel", channel),
            TransactionTraces.Attribute("transaction_key", transaction.Key), TransactionTraces.Attribute("events", transaction.Received),
            TransactionTraces.Attribute("objects", transaction.Objects.Order(StringComparer.Ordinal).ToArray()),
            TransactionTraces.Attribute("first_event", transaction.First), TransactionTraces.Attribute("last_event", transaction.Last),
            TransactionTraces.Attribute("commit_number", transaction.CommitNumber), TransactionTraces.Attribute("late", transaction.IsLate));
        TransactionTraces.Tell("salesforce", ActivityKind.Internal, whole, commit, received);
        TransactionTraces.Tell("waiting", ActivityKind.Internal, whole, transaction.LastReceivedAt, began);
        TransactionTraces.Tell(
            "apply", ActivityKind.Internal, whole, began, committed,
            TransactionTraces.Attribute("transactions", together.Count), TransactionTraces.Attribute("events", together.Sum(t => (long)t.Received)));
    }
}
