using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Chaos;

/// <summary>A test of minutes whose faults have to meet work under way: beside all others there is no telling when. It runs by itself, when asked for.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WeatherFactAttribute : FactAttribute
{
    public WeatherFactAttribute() => Skip = SkipReason;

    public static string? SkipReason { get; } = PostgresFixture.SkipReason
        ?? (Environment.GetEnvironmentVariable("SYNC_WEATHER") is { Length: > 0 } ? null : "takes its time: SYNC_WEATHER=1 script/test --filter WeatherTests");
}

/// <inheritdoc cref="WeatherFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WeatherTheoryAttribute : TheoryAttribute
{
    public WeatherTheoryAttribute() => Skip = WeatherFactAttribute.SkipReason;
}
