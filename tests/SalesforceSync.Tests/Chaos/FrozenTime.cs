namespace SalesforceSync.Tests.Chaos;

/// <summary>Time that passes only when somebody says so; what waits by timers waits as long as it says.</summary>
internal sealed class FrozenTime : TimeProvider
{
    private readonly DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => _now;
}
