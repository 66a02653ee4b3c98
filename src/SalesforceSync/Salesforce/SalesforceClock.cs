namespace SalesforceSync.Salesforce;

/// <summary>
/// Salesforce's clock, learned from the header <c>Date</c> of its answers. The header tells whole seconds and the answer takes its time, so each answer only
/// gives bounds for the difference between the clocks; answers that agree narrow them, one that does not begins anew. Safe for many threads.
/// </summary>
internal sealed class SalesforceClock(TimeProvider time)
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (TimeSpan Least, TimeSpan Most)? _bounds;

    /// <summary>Their clock now; ours as long as it agrees with all they said, or they said nothing.</summary>
    public DateTimeOffset Now => time.GetUtcNow() + Offset;

    /// <summary>What to add to our clock to get theirs.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_gate)
            {
                if (_bounds is not { } bounds || (bounds.Least <= TimeSpan.Zero && bounds.Most >= TimeSpan.Zero))
                    return TimeSpan.Zero;
                return (bounds.Least + bounds.Most) / 2;
            }
        }
    }

    /// <summary>Takes what one answer says.</summary>
    /// <param name="date">Their time, cut to whole seconds.</param>
    /// <param name="sent">Our time before the request left.</param>
    /// <param name="received">Our time when the headers were here.</param>
    public void Learn(DateTimeOffset date, DateTimeOffset sent, DateTimeOffset received)
    {
        var (least, most) = (date - received, date + OneSecond - sent);
        lock (_gate)
        {
            if (_bounds is { } known && known.Least <= most && known.Most >= least)
                _bounds = (known.Least > least ? known.Least : least, known.Most < most ? known.Most : most);
            else
                _bounds = (least, most);
        }
    }
}
