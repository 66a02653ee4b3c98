using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Store;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Salesforce;

namespace SalesforceSync.Tests.Store;

public class DeliveredEventsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Noon = new(2026, 5, 5, 12, 0, 0, default);

    [Fact]
    public void The_window_rolls_and_takes_of_its_first_hour_what_lies_in_it()
    {
        DeliveredHour[] hours = [new(Noon.AddHours(-25), 1_000), new(Noon.AddHours(-24), 100), new(Noon.AddHours(-1), 30), new(Noon, 7)];
        DeliveredWindow.Of(hours, Noon.AddMinutes(15)).Last24Hours.ShouldBe(75 + 30 + 7);
    }

    [Fact]
    public void The_forecast_is_a_day_at_the_pace_of_the_last_hours()
    {
        DeliveredHour[] hours = [new(Noon.AddHours(-10), 5_000), new(Noon.AddHours(-2), 20), new(Noon.AddHours(-1), 70)];
        DeliveredWindow.Of(hours, Noon.AddHours(1)).Forecast.ShouldBe(90 * 8);
        DeliveredWindow.Of([new(Noon, 10)], Noon.AddMinutes(1)).Forecast.ShouldBe(240);
        DeliveredWindow.Of([], Noon).ShouldBe(new DeliveredWindow(0, 0));
    }

    [PostgresFact]
    public async Task Each_crossing_of_a_level_is_said_once()
    {
        await using var org = await BudgetedOrg.StartAsync();
        var delivered = new DeliveredEvents(org.Source, "acme", 100, TimeProvider.System, org.Log);
        foreach (var (events, warnings) in new[] { (69, 0), (1, 1), (10, 1), (10, 2), (20, 2) })
        {
            delivered.Count(events);
            await delivered.WriteAsync(None);
            org.Log.Lines.Count().ShouldBe(warnings, $"after {events} more");
        }
        // Just below the level, and above it again: no news. Far below: news.
        await org.ExecuteAsync("update salesforce_sync.delivered set events = 87");
        await CountAsync(delivered, 1);
        await CountAsync(delivered, 4);
        org.Log.Lines.Count().ShouldBe(2);
        await org.ExecuteAsync("update salesforce_sync.delivered set events = 10");
        await CountAsync(delivered, 1);
        await CountAsync(delivered, 90);
        org.Log.Lines.Count().ShouldBe(3);
        org.Log.Lines.Last().Text.ShouldContain("101 events were delivered in the last 24 hours, 101 % of DeliveredEventsPerDay=100");
    }

    [PostgresFact]
    public async Task What_two_processes_count_is_added_up()
    {
        await using var org = await BudgetedOrg.StartAsync();
        foreach (var _ in Enumerable.Range(0, 2))
            await CountAsync(new DeliveredEvents(org.Source, "acme", 50_000, TimeProvider.System, NullLogger.Instance), 7);
        (await DeliveredEvents.ReadAsync(org.Source, "acme", None)).Last24Hours.ShouldBe(14);
    }

    private static Task CountAsync(DeliveredEvents delivered, int events)
    {
        delivered.Count(events);
        return delivered.WriteAsync(None);
    }
}
