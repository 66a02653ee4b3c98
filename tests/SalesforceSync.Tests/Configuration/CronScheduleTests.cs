using System.Globalization;
using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

public class CronScheduleTests
{
    [Theory]
    [InlineData("30 2 * * *", "2026-11-20 13:00", "2026-11-21 02:30")]
    [InlineData("30 2 * * *", "2026-11-20 02:30", "2026-11-21 02:30")]
    [InlineData("*/15 * * * *", "2026-11-20 13:01", "2026-11-20 13:15")]
    [InlineData("0 8-18/5 * * *", "2026-11-20 13:00", "2026-11-20 18:00")]
    [InlineData("5/20 1,3 * * *", "2026-11-20 01:46", "2026-11-20 03:05")]
    [InlineData("0 0 * * mon", "2026-11-20 13:00", "2026-11-23 00:00")]
    [InlineData("0 0 * * 7", "2026-11-20 13:00", "2026-11-22 00:00")]
    [InlineData("0 0 * * 1-5", "2026-11-20 13:00", "2026-11-23 00:00")]
    [InlineData("0 0 1 * mon", "2026-11-23 13:00", "2026-11-30 00:00")]
    [InlineData("0 0 1 * mon", "2026-11-30 13:00", "2026-12-01 00:00")]
    [InlineData("0 0 29 feb *", "2026-11-20 13:00", "2028-02-29 00:00")]
    [InlineData("59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59")]
    public void The_next_time_is_found(string cron, string after, string next) => Parse(cron).Next(At(after)).ShouldBe(At(next));

    [Theory]
    [InlineData("30 2 * * *", "2026-11-20 13:00", "2026-11-20 02:30")]
    [InlineData("30 2 * * *", "2026-11-20 02:30", "2026-11-20 02:30")]
    [InlineData("30 2 * * *", "2026-11-20 02:29", "2026-11-19 02:30")]
    [InlineData("0 */6 * * *", "2026-11-20 17:59", "2026-11-20 12:00")]
    [InlineData("0 0 1 1 *", "2026-11-20 17:59", "2026-01-01 00:00")]
    public void The_last_time_is_found(string cron, string at, string last) => Parse(cron).Last(At(at)).ShouldBe(At(last));

    [Theory]
    [InlineData("30 2 * *")]
    [InlineData("30 2 * * * *")]
    [InlineData("60 2 * * *")]
    [InlineData("5-2 2 * * *")]
    [InlineData("*/0 2 * * *")]
    [InlineData("1,,2 2 * * *")]
    [InlineData("0 0 31 feb *")]
    [InlineData("0 0 0 * *")]
    [InlineData("0 0 * * 8")]
    [InlineData("0 0 * mon *")]
    [InlineData("-1 0 * * *")]
    [InlineData("daily")]
    public void What_is_no_schedule_is_refused_with_a_remedy(string text)
    {
        CronSchedule.TryParse(text, out var remedy).ShouldBeNull();
        remedy.ShouldContain("or off");
    }

    [Fact]
    public void Without_a_schedule_orgs_are_spread_over_the_night_by_their_names()
    {
        CronSchedule.Daily("acme").ToString().ShouldBe(CronSchedule.Daily("acme").ToString());
        var times = Enumerable.Range(0, 50).Select(n => CronSchedule.Daily($"org{n}").Next(At("2026-11-20 00:00"))!.Value).ToList();
        times.ShouldAllBe(t => t.Hour < 6 || t.Date > At("2026-11-20 00:00").Date);
        times.Distinct().Count().ShouldBeGreaterThan(30);
    }

    private static CronSchedule Parse(string text) => CronSchedule.TryParse(text, out var remedy).ShouldNotBeNull(remedy);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
