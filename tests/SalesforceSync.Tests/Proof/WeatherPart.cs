using SalesforceSync.Tests.Chaos;

namespace SalesforceSync.Tests.Proof;

/// <summary>The tests of bad weather, one after the other.</summary>
public sealed class WeatherPart
{
    private const string Runs = "runs in bad weather";

    private static readonly IReadOnlyList<(string Name, Func<Task> Run)> Weathers =
    [
        .. PostgresWeatherTests.Names.Select(one => ($"Postgres: {one}", (Func<Task>)(() => new PostgresWeatherTests().Bad_weather_costs_time_and_nothing_else(one)))),
        ("Postgres: resets", () => new PostgresWeatherTests().Connections_that_are_reset_under_load_are_made_again()),
        ("Postgres: silence", () => new PostgresWeatherTests().A_database_that_accepts_and_never_answers_is_told_and_waited_out()),
        .. PostgresWeatherTests.Names.Select(one => ($"Salesforce: {one}", (Func<Task>)(() => new OrgWeatherTests().A_stream_through_bad_weather_is_copied_exactly(one)))),
        ("Salesforce: resets", () => new OrgWeatherTests().A_stream_whose_connection_is_reset_under_load_is_resumed()),
        ("Salesforce: silence", () => new OrgWeatherTests().A_stream_that_nothing_comes_through_is_told_given_up_and_made_anew()),
        ("Salesforce: a snapshot under slices and resets", () => new OrgWeatherTests().A_snapshot_whose_connections_are_sliced_and_reset_is_whole()),
    ];

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Weather)]
    public Task Bad_weather_costs_time_and_nothing_else() => new ProofPart(ProofOrder.Given!, ProofParts.Weather, Runs, Runs).RunAsync(async round =>
    {
        var (name, run) = Weathers[(round.Seed - 1) % Weathers.Count];
        await run();
        round.Count(Runs);
        round.Window(name);
    });
}
