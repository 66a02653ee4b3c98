using SalesforceSync.Snapshot;
using SalesforceSync.Tests.Subscribe;

namespace SalesforceSync.Tests.Snapshot;

public class LookoutTests
{
    private static readonly TimeSpan Brisk = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Leisurely = TimeSpan.FromSeconds(10);

    private readonly SteppedTime _time = new();
    private readonly Lookout _lookout;

    public LookoutTests() => _lookout = new Lookout(_time);

    [Fact]
    public async Task While_something_may_be_open_loops_look_briskly()
    {
        await LooksAfterAsync(Brisk);
        Tell(false, false, true, false, false);
        await LooksAfterAsync(Brisk);
    }

    [Fact]
    public async Task Calm_is_believed_at_the_third_look()
    {
        Tell(false, false);
        await LooksAfterAsync(Brisk);
        Tell(false);
        await LooksAfterAsync(Leisurely);
    }

    [Fact]
    public async Task What_is_opened_wakes_everybody_at_once()
    {
        Tell(false, false, false);
        var (one, other) = (_lookout.WaitAsync(Brisk, CancellationToken.None), _lookout.WaitAsync(Brisk, CancellationToken.None));
        Tell(false);
        one.IsCompleted.ShouldBeFalse();
        Tell(true);
        await Task.WhenAll(one, other).WaitAsync(TimeSpan.FromSeconds(20));
        await LooksAfterAsync(Brisk);
    }

    [Fact]
    public async Task Stop_ends_the_wait()
    {
        using var stop = new CancellationTokenSource();
        Tell(false, false, false);
        var waiting = _lookout.WaitAsync(Brisk, stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private void Tell(params bool[] looks)
    {
        foreach (var isAnythingOpen in looks)
            _lookout.Tell(isAnythingOpen);
    }

    private async Task LooksAfterAsync(TimeSpan wait)
    {
        var waiting = _lookout.WaitAsync(Brisk, CancellationToken.None);
        _time.HasTimer(wait).ShouldBeTrue();
        _time.Advance(wait - TimeSpan.FromMilliseconds(1));
        waiting.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
