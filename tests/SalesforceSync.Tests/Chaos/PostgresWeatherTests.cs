using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Chaos;

/// <summary>The way to Postgres is bad, and worse: the worker finds back by itself, says so meanwhile, and nothing is lost or doubled.</summary>
public sealed class PostgresWeatherTests
{
    private const int BeginsAnew = 8103;

    internal static readonly IReadOnlyList<string> Names = ["latency", "a narrow line", "slices"];

    public static TheoryData<string> Weathers => [.. Names];

    [WeatherTheory]
    [MemberData(nameof(Weathers))]
    public async Task Bad_weather_costs_time_and_nothing_else(string weather)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        chaos.Postgres.Weather = Of(weather);
        chaos.Copied.Start();
        chaos.Copy.Commit(100);
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);

        Struck(chaos.Postgres, weather).ShouldBeGreaterThan(50);
        chaos.Logged(BeginsAnew).ShouldBe(0, chaos.Copied.Log.ToString());
    }

    [WeatherFact]
    public async Task Connections_that_are_reset_under_load_are_made_again()
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        chaos.Copied.Start();
        for (var i = 0; i < 4; i++)
        {
            // Each time there is something under way.
            var before = i == 0 ? 0 : await chaos.Copied.ScalarAsync<long>("select transactions from salesforce_sync.org");
            chaos.Copied.Simulated.Workload.Start(new WorkloadOrder { Rate = 300, Transactions = 120, Options = new() { Seed = 7300 + i, MaxRecordsPerObject = 200, SchemaChanges = false } });
            await chaos.Copied.UntilAsync($"select transactions > {before} from salesforce_sync.org");
            chaos.Postgres.ResetAll().ShouldBeGreaterThan(0);
            await chaos.Copied.Simulated.Workload.Completion;
        }
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);

        chaos.Postgres.Tally.Reset.ShouldBeGreaterThan(4);
        chaos.Logged(BeginsAnew).ShouldBeGreaterThan(0);
    }

    [WeatherFact]
    public async Task A_database_that_accepts_and_never_answers_is_told_and_waited_out()
    {
        await using var chaos = await ChaoticCopy.CreateAsync(impatient: true);
        chaos.Copied.Start();
        chaos.Copy.Commit(50);
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);

        chaos.Postgres.FallSilent();
        chaos.Copy.Commit(50);
        await chaos.Copy.UntilReadyAsync(ready: false);
        chaos.Ready.Reasons.ShouldContain(reason => reason.StartsWith("Postgres:", StringComparison.Ordinal));
        var before = await chaos.Copied.ScalarAsync<long>("select transactions from salesforce_sync.org");
        chaos.Postgres.SpeakAgain();

        chaos.Copy.Commit(50);
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);
        (await chaos.Copied.ScalarAsync<long>("select transactions from salesforce_sync.org")).ShouldBeGreaterThan(before);
        chaos.Postgres.Tally.Swallowed.ShouldBeGreaterThan(0);
        chaos.Logged(BeginsAnew).ShouldBeGreaterThan(0);
    }

    /// <summary>The weather of this name.</summary>
    internal static Weather Of(string weather) => weather switch
    {
        "latency" => new() { Latency = TimeSpan.FromMilliseconds(3) },
        "a narrow line" => new() { BytesPerSecond = 300_000 },
        _ => new() { Slices = true },
    };

    /// <summary>How often it struck.</summary>
    internal static long Struck(ChaosProxy proxy, string weather) => weather switch
    {
        "latency" => proxy.Tally.Delayed,
        "a narrow line" => proxy.Tally.Throttled,
        _ => proxy.Tally.Sliced,
    };
}
