using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Cli;

public class BudgetVerbTests
{
    [PostgresFact]
    public async Task It_shows_what_was_spent_on_what_what_waits_and_what_it_will_come_to()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        using var scratch = ScratchConfiguration.Valid().Variable("ConnectionStrings__Postgres", database).Variable("Orgs__acme__ApiBudget__CallsPerMonth", "10")
            .Variable("Orgs__acme__ApiBudget__ReservePercent", "50").Variable("Orgs__acme__DeliveredEventsPerDay", "1000");
        await CommandRun.OfAsync(scratch, "migrate");
        await using (var source = Postgres.Open(database))
        {
            var ledger = new ApiLedger(source, new(10, 50), TimeProvider.System, NullLogger.Instance);
            for (var i = 0; i < 4; i++)
                await ledger.BookAsync("acme", CallClass.Snapshot, CancellationToken.None);
            var booked = await ledger.BookAsync("acme", CallClass.Repair, CancellationToken.None);
            await ledger.SettleAsync("acme", booked, CallClass.Repair, 200, new OrgUsage(17, 15_000), CancellationToken.None);
            await Should.ThrowAsync<BudgetSpentException>(() => ledger.BookAsync("acme", CallClass.Sweep, CancellationToken.None));
            await using var more = source.CreateCommand("insert into salesforce_sync.delivered (org, hour, events) values ('acme', date_trunc('hour', clock_timestamp()), 30)");
            await more.ExecuteNonQueryAsync();
        }
        var run = await CommandRun.OfAsync(scratch, "budget", "--json", "--org", "acme");
        run.ExitCode.ShouldBe(0);
        var org = run.Json.GetProperty("orgs")[0];
        org.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["name", "month", "until", "limit", "reserve", "spent", "forecast", "closedUntil", "classes", "usage", "delivered"]);
        (org.GetProperty("limit").GetInt32(), org.GetProperty("reserve").GetInt32(), org.GetProperty("spent").GetInt32()).ShouldBe((10, 5, 5));
        org.GetProperty("forecast").GetInt32().ShouldBeGreaterThanOrEqualTo(5);
        var classes = org.GetProperty("classes").EnumerateArray().ToDictionary(c => c.GetProperty("class").GetString()!);
        classes.Keys.ShouldBe(["sign-in", "describe", "repair", "write-back", "snapshot", "sweep", "limits"]);
        classes["snapshot"].GetProperty("spent").GetInt32().ShouldBe(4);
        classes["sweep"].ToString().ShouldStartWith("""{"class":"sweep","spent":0,"forecast":0,"refused":1,"refusedSince":"20""");
        classes["repair"].GetProperty("refusedSince").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        org.GetProperty("usage").ToString().ShouldStartWith("""{"used":17,"limit":15000,"at":"20""");
        org.GetProperty("delivered").ToString().ShouldStartWith("""{"last24Hours":30,"allowance":1000,"forecast":""");

        var lines = (await CommandRun.OfAsync(scratch, "budget")).Out.Split('\n');
        lines[0].ShouldBe("org\tclass\tspent\tforecast\tof\trefused\trefused since");
        lines.ShouldContain(l => l.StartsWith("acme\tsnapshot\t4\t", StringComparison.Ordinal));
        lines.ShouldContain(l => l.StartsWith("acme: 5 of 10 calls spent since 20", StringComparison.Ordinal));
        (await CommandRun.OfAsync(scratch, "budget", "--org", "nope")).ExitCode.ShouldBe(2);
        (await CommandRun.OfAsync(scratch, "status", "--json")).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void The_forecast_goes_on_as_it_went_and_takes_the_first_day_for_a_whole_one()
    {
        var month = new DateTimeOffset(2026, 4, 1, 0, 0, 0, default);
        CallForecast.ToEndOfMonth(100, month, month.AddDays(10)).ShouldBe(300);
        CallForecast.ToEndOfMonth(10, month, month.AddHours(1)).ShouldBe(310);
        CallForecast.ToEndOfMonth(100, month, month.AddMonths(1)).ShouldBe(100);
        CallForecast.ToEndOfMonth(0, month, month.AddDays(3)).ShouldBe(0);
    }
}
