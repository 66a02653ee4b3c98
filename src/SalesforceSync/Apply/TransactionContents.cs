using System.Runtime.CompilerServices;
using SalesforceSync.Assemble;
using SalesforceSync.Store;

namespace SalesforceSync.Apply;

/// <summary>The events of a transaction by sequence number, read back from the store in pieces where they are no longer held.</summary>
internal sealed class TransactionContents(EventStore store, CompiledSchemas schemas)
{
    private const int Piece = 500;

    public async IAsyncEnumerable<TransactionEvent> ReadAsync(Transaction transaction, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var piece in transaction.InOrder().Chunk(Piece))
        {
            if (!transaction.IsReleased)
            {
                foreach (var entry in piece)
                    yield return entry.Event!;
                continue;
            }
            var stored = await store.ReadAsync([.. piece.Select(entry => entry.Number)], stop);
            var byNumber = stored.ToDictionary(e => e.Number);
            foreach (var entry in piece)
                yield return await schemas.UnderstandAsync(Find(byNumber, entry.Number), stop);
        }
    }

    private StoredEvent Find(Dictionary<long, StoredEvent> stored, long number) =>
        stored.GetValueOrDefault(number)
            ?? throw new InvalidOperationException($"{store.Channel}: stored event {number} is gone while its transaction was open; was a partition of salesforce_sync.event dropped by hand?");
}
