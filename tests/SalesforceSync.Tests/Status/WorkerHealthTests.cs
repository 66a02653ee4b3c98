using SalesforceSync.Status;

namespace SalesforceSync.Tests.Status;

public class WorkerHealthTests
{
    private readonly SteppedTime _time = new();
    private readonly WorkerHealth _health;

    public WorkerHealthTests()
    {
        _health = new WorkerHealth(_time);
        _health.DatabaseReached();
        _health.StartupDone();
    }

    [Theory]
    [InlineData(nameof(OrgState.Starting), false)]
    [InlineData(nameof(OrgState.Failed), false)]
    [InlineData(nameof(OrgState.Snapshotting), true)]
    [InlineData(nameof(OrgState.CatchingUp), true)]
    [InlineData(nameof(OrgState.Streaming), true)]
    [InlineData(nameof(OrgState.Repairing), true)]
    [InlineData(nameof(OrgState.Paused), true)]
    [InlineData(nameof(OrgState.Standby), true)]
    [InlineData(nameof(OrgState.Degraded), true)]
    public void Ready_follows_the_state_of_every_org(string state, bool isReady)
    {
        _health.Set("beta", OrgState.Streaming);
        _health.Set("acme", Enum.Parse<OrgState>(state));
        _health.Ready().IsOk.ShouldBe(isReady);
    }

    [Fact]
    public void Degraded_is_said_though_it_is_no_failure()
    {
        _health.Set("acme", OrgState.Degraded, "1 open gap");
        _health.Ready().Reasons.ShouldBe(["acme: degraded: 1 open gap"]);
    }

    [Fact]
    public void A_stream_past_its_deadline_is_named()
    {
        _health.Set("acme", OrgState.Streaming);
        _health.Spoke("acme", "/data/ChangeEvents", TimeSpan.FromSeconds(300));
        _time.Advance(TimeSpan.FromSeconds(300));
        _health.Ready().IsOk.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(1));
        _health.Ready().Reasons.ShouldBe(["acme//data/ChangeEvents: silent for 301 s, expected a sign of life within 300 s"]);
        _health.Spoke("acme", "/data/ChangeEvents", TimeSpan.FromSeconds(300));
        _health.Ready().IsOk.ShouldBeTrue();
    }

    [Theory]
    [InlineData(nameof(OrgState.Standby))]
    [InlineData(nameof(OrgState.Paused))]
    public void Who_stands_by_expects_nothing_of_its_streams(string state)
    {
        _health.Spoke("acme", "/data/ChangeEvents", TimeSpan.FromSeconds(1));
        _health.Set("acme", Enum.Parse<OrgState>(state));
        _time.Advance(TimeSpan.FromMinutes(10));
        _health.Ready().IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Postgres_gone_is_not_ready_but_alive_and_started()
    {
        _health.DatabaseGone("connection refused");
        _health.Ready().Reasons.ShouldBe(["Postgres: connection refused"]);
        _health.Startup().IsOk.ShouldBeTrue();
        WorkerHealth.Live().IsOk.ShouldBeTrue();
        _health.DatabaseReached();
        _health.Ready().IsOk.ShouldBeTrue();
    }

    [Fact]
    public void Every_state_has_a_word_of_its_own()
    {
        var names = Enum.GetValues<OrgState>().Select(s => s.Name());
        names.ShouldBe(["starting", "snapshotting", "catching_up", "streaming", "repairing", "paused", "standby", "degraded", "failed"]);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
