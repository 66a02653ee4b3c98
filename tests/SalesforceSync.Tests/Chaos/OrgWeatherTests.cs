using SalesforceSync.Configuration;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Tests.Chaos;

/// <summary>The way to Salesforce is bad, and worse: the stream resumes where it was, readings go on, and nothing is lost, doubled or torn.</summary>
public sealed class OrgWeatherTests
{
    private const int Silent = 1004;
    private const int StreamFailed = 2006;
    private const int BeginsAnew = 8103;

    public static TheoryData<string> Weathers => PostgresWeatherTests.Weathers;

    [WeatherTheory]
    [MemberData(nameof(Weathers))]
    public async Task A_stream_through_bad_weather_is_copied_exactly(string weather)
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        chaos.PubSub.Weather = chaos.Rest.Weather = PostgresWeatherTests.Of(weather);
        chaos.Copied.Start();
        for (var i = 0; i < 10; i++)
        {
            chaos.Copy.Commit(20);
            await chaos.Copied.CaughtUpAsync();
        }
        await chaos.Copy.ShouldBeExactAsync();

        PostgresWeatherTests.Struck(chaos.PubSub, weather).ShouldBeGreaterThan(10);
        chaos.Copied.Simulated.Counts.Subscribes.ShouldBe(1);
        chaos.Logged(BeginsAnew).ShouldBe(0, chaos.Copied.Log.ToString());
    }

    [WeatherFact]
    public async Task A_stream_whose_connection_is_reset_under_load_is_resumed()
    {
        await using var chaos = await ChaoticCopy.CreateAsync();
        chaos.Copied.Start();
        for (var i = 0; i < 4; i++)
        {
            // Each time there is something under way.
            var before = i == 0 ? 0 : await chaos.Copied.ScalarAsync<long>("select transactions from salesforce_sync.org");
            chaos.Copied.Simulated.Workload.Start(new WorkloadOrder { Rate = 300, Transactions = 120, Options = new() { Seed = 7400 + i, MaxRecordsPerObject = 200, SchemaChanges = false } });
            await chaos.Copied.UntilAsync($"select transactions > {before} from salesforce_sync.org");
            chaos.PubSub.ResetAll().ShouldBeGreaterThan(0);
            await chaos.Copied.Simulated.Workload.Completion;
        }
        await chaos.Copy.ShouldBeExactAsync();

        chaos.PubSub.Tally.Reset.ShouldBeGreaterThanOrEqualTo(4);
        chaos.Copied.Simulated.Counts.Subscribes.ShouldBeGreaterThanOrEqualTo(5);
        chaos.Logged(StreamFailed).ShouldBeGreaterThanOrEqualTo(4);
        chaos.Logged(BeginsAnew).ShouldBe(0, chaos.Copied.Log.ToString());
    }

    [WeatherFact]
    public async Task A_stream_that_nothing_comes_through_is_told_given_up_and_made_anew()
    {
        var silenceAfter = TimeSpan.FromSeconds(3);
        await using var chaos = await ChaoticCopy.CreateAsync(new() { Keepalive = TimeSpan.FromSeconds(1) }, options => options with { SilenceAfter = silenceAfter });
        chaos.Copied.Start();
        chaos.Copy.Commit(50);
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);

        chaos.PubSub.FallSilent();
        chaos.Copy.Commit(50);
        await chaos.Copy.UntilReadyAsync(ready: false);
        chaos.Ready.Reasons.ShouldContain(reason => reason.Contains("silent for", StringComparison.Ordinal));
        chaos.PubSub.SpeakAgain();

        chaos.Copy.Commit(50);
        await chaos.Copy.ShouldBeExactAsync();
        await chaos.Copy.UntilReadyAsync(ready: true);
        chaos.PubSub.Tally.Swallowed.ShouldBeGreaterThan(0);
        chaos.Logged(Silent).ShouldBeGreaterThan(0);
    }

    [WeatherFact]
    public async Task A_snapshot_whose_connections_are_sliced_and_reset_is_whole()
    {
        // A reading is merged when the stream has spoken since.
        var lively = new SimulatorSettings { Keepalive = TimeSpan.FromMilliseconds(300), Bulk = new() { PageRows = 25 } };
        await using var chaos = await ChaoticCopy.CreateAsync(lively, options => options with { StartFrom = StartFrom.Snapshot });
        Prefill.Plant(chaos.Copy.Org, new PrefillOrder { Records = 300, Seed = 75 });
        // An answer takes a while, so that one is under way when its connection goes.
        chaos.Rest.Weather = new() { Slices = true, Latency = TimeSpan.FromMilliseconds(5) };
        chaos.Copied.Start();
        for (var i = 0; i < 4; i++)
        {
            var calls = chaos.Copied.Simulated.Counts.Rest;
            await chaos.Copied.UntilAsync("select true", () => chaos.Copied.Simulated.Counts.Rest > calls);
            chaos.Rest.ResetAll();
            chaos.Copy.Commit(10);
        }
        await chaos.Copied.UntilAsync("select count(*) = 5 and bool_and(state = 'copied' and snapshot_at is not null) from salesforce_sync.object");
        await chaos.Copied.CaughtUpAsync();
        await chaos.Copied.UntilAsync("""
            select not exists (select from salesforce_sync.repair where state = 'open')
                and not exists (select from salesforce_sync.read where state in ('waiting', 'reading', 'merging'))
            """);
        // What was committed before the stream began came by the readings: fewer events than there were, and everything.
        await chaos.Copied.ShouldEqualTruthAsync(new() { Repaired = true });
        await chaos.Copy.ShouldHaveNothingTwiceAsync();

        chaos.Rest.Tally.Sliced.ShouldBeGreaterThan(20);
        chaos.Rest.Tally.Reset.ShouldBeGreaterThan(0);
        // Booked before it was sent, and never answered.
        (await chaos.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.api_call where status = 0")).ShouldBeGreaterThan(0);
    }
}
