namespace SalesforceSync.Store;

/// <summary>Hands out the received numbers of one org, shared by its channels; a number that is not committed leaves a gap. Safe from several threads.</summary>
internal sealed class EventNumbers(long last)
{
    private long _last = last;

    public long Next() => Interlocked.Increment(ref _last);
}
