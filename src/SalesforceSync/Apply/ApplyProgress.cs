using SalesforceSync.Assemble;

namespace SalesforceSync.Apply;

/// <summary>How far one channel is applied, for whoever watches; written by its apply loop, read from any thread.</summary>
internal sealed class ApplyProgress
{
    private long _applied;
    private long _behind = long.MaxValue;
    private long _transactions;
    private long _rows;

    public long Applied => Interlocked.Read(ref _applied);

    /// <summary>True when everything stored is applied, apart from transactions that may still grow.</summary>
    public bool IsCaughtUp => Interlocked.Read(ref _behind) == 0;

    public long Transactions => Interlocked.Read(ref _transactions);

    public long Rows => Interlocked.Read(ref _rows);

    public void Report(long applied, int pending, long stored)
    {
        Interlocked.Exchange(ref _applied, applied);
        Interlocked.Exchange(ref _behind, Math.Max(0, stored - applied - pending));
    }

    public void Committed(IReadOnlyList<Transaction> transactions, int rows)
    {
        Interlocked.Add(ref _transactions, transactions.Count);
        Interlocked.Add(ref _rows, rows);
    }
}
