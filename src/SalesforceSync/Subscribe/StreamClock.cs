namespace SalesforceSync.Subscribe;

/// <summary>
/// Stream time of one call, counted in slices of waiting at whose end nothing had arrived. A machine that was paused did not even receive, so silence is
/// believed only in small pieces: a slice that came back late does not count, no slice counts for much more than was asked, and no offset is reached with
/// less than two of them. Stands still before the first response and after the last offset. Pure.
/// </summary>
internal sealed class StreamClock(IReadOnlyList<TimeSpan> offsets)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LateBy = TimeSpan.FromMilliseconds(20);

    /// <summary>What a timer in good order is late by.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(2);

    /// <summary>A silence that has lasted is looked at less often: a slice is this part of it.</summary>
    private const double Growth = 8;

    private readonly TimeSpan _slice = offsets.Count == 0 ? Shortest : Max(Shortest, TimeSpan.FromMilliseconds(Math.Floor(offsets[0].TotalMilliseconds / 2)));
    private TimeSpan _quiet;
    private int _next = offsets.Count;

    public TimeSpan Now { get; private set; }

    /// <summary>How long to wait before looking again, in whole milliseconds as timers have it; null when nothing more is to be told before the next response.</summary>
    public TimeSpan? Slice => _next == offsets.Count ? null
        : Max(Shortest, Min(Max(_slice, TimeSpan.FromMilliseconds(Math.Floor(_quiet.TotalMilliseconds / Growth))), TimeSpan.FromMilliseconds(Math.Ceiling((offsets[_next] - _quiet).TotalMilliseconds))));

    public static bool IsLate(TimeSpan asked, TimeSpan took) => took > asked * 2 + LateBy;

    /// <summary>A response was received: the next silence begins.</summary>
    public void Heard()
    {
        _quiet = TimeSpan.Zero;
        _next = 0;
    }

    /// <summary>For so long nothing can be heard, whatever the other side does: our request is on its way. It does not count.</summary>
    public void Deaf(TimeSpan time) => _quiet -= time;

    /// <summary>Counts a slice of waiting.</summary>
    /// <returns>True when it passed an offset.</returns>
    public bool Count(TimeSpan asked, TimeSpan took)
    {
        if (_next == offsets.Count || IsLate(asked, took))
            return false;
        var counted = Min(took, asked + TimerSlack);
        var silent = _quiet + counted;
        Now += Max(silent, TimeSpan.Zero) - Max(_quiet, TimeSpan.Zero);
        _quiet = silent;
        var before = _next;
        while (_next < offsets.Count && offsets[_next] <= _quiet)
            _next++;
        return _next > before;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
