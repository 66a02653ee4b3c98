namespace SalesforceSync.Status;

/// <summary>The last hour of an org as this process saw it: one point every ten seconds. Written by one loop, which also reads it.</summary>
internal sealed class History
{
    /// <summary>Between two points.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private const int Points = 360;

    private readonly Queue<(double Rate, double? Lag)> _points = new(Points);
    private long? _received;

    /// <summary>Events received a second, oldest first.</summary>
    public IReadOnlyList<double> Rates => [.. _points.Select(p => Math.Round(p.Rate, 2))];

    /// <summary>The longest time from a commit at Salesforce to the tables, in seconds; null where nothing was applied.</summary>
    public IReadOnlyList<double?> Lags => [.. _points.Select(p => p.Lag is { } lag ? Math.Round(lag, 3) : (double?)null)];

    /// <summary>The rate of the last point.</summary>
    public double? Rate => _points.Count == 0 ? null : Math.Round(_points.Last().Rate, 2);

    /// <param name="received">Events received so far; a number that has become smaller begins anew.</param>
    /// <param name="over">Time since the last point.</param>
    public void Add(long received, TimeSpan? worstLag, TimeSpan over)
    {
        if (_points.Count == Points)
            _points.Dequeue();
        var came = _received is { } before && received >= before ? received - before : _received is null ? 0 : received;
        _points.Enqueue((over > TimeSpan.Zero ? came / over.TotalSeconds : 0, worstLag?.TotalSeconds));
        _received = received;
    }
}
