using Microsoft.Extensions.Logging;
using SalesforceSync.Receive;
using SalesforceSync.Salesforce;
using SalesforceSync.Subscribe;
using SalesforceSync.Tests.Simulator;

namespace SalesforceSync.Tests.Cli;

public class RepeatsTests
{
    private readonly ManualClock _clock = new();
    private readonly ShownLines _shown = new();

    [Fact]
    [Trait(Extent.Trait, Extent.Whole)]
    public void A_million_identical_errors_in_an_hour_are_a_handful_of_lines_that_count_them() => Flood(1_000_000);

    [Fact]
    [Trait(Extent.Trait, Extent.Part)]
    public void Ten_thousand_identical_errors_in_an_hour_are_a_handful_of_lines_that_count_them() => Flood(10_000);

    private void Flood(int errors)
    {
        using (var loggers = _shown.Open(_clock))
        {
            var logger = loggers.CreateLogger("receive");
            for (var i = 0; i < errors; i++)
            {
                if (i % (errors / 1_000) == 0)
                    _clock.Advance(TimeSpan.FromSeconds(3.6));
                Fail(logger, "/data/ChangeEvents", rpcId: $"{i}");
            }
        }
        _shown.Texts.Count.ShouldBeInRange(5, 7, $"{_shown}");
        _shown.Texts[0].ShouldContain("the stream failed: service.unavailable");
        _shown.Texts[2].ShouldContain(" more like it)");
        // None is forgotten: those shown, those they stand for, and those that are told of at the end.
        Counted().ShouldBe(errors);
    }

    [Fact]
    public void What_is_over_is_told_once_it_has_been_quiet_and_begins_anew()
    {
        using var loggers = _shown.Open(_clock);
        var logger = loggers.CreateLogger("receive");
        for (var i = 0; i < 40; i++)
            Fail(logger, "/data/ChangeEvents");
        _shown.Texts.Count.ShouldBe(2);
        for (var minute = 0; minute < 16; minute++)
            _clock.Advance(TimeSpan.FromMinutes(1));
        _shown.Texts.Count.ShouldBe(3, $"{_shown}");
        _shown.Texts[2].ShouldContain("StreamFailed (acme, /data/ChangeEvents, service.unavailable): 38 more until ");
        Fail(logger, "/data/ChangeEvents");
        Fail(logger, "/data/ChangeEvents");
        _shown.Texts.Count.ShouldBe(5);
    }

    [Fact]
    public void What_is_about_something_else_is_no_repeat()
    {
        using var loggers = _shown.Open(_clock);
        var logger = loggers.CreateLogger("any");
        for (var i = 0; i < 20; i++)
            Fail(logger, $"/data/{i}__chn");
        for (var i = 0; i < 20; i++)
            logger.Log(LogLevel.Warning, new EventId(i, $"Event{i}"), "said", null, (said, _) => said);
        _shown.Texts.Count.ShouldBe(40);
    }

    [Fact]
    public void As_many_kinds_as_anybody_can_name_take_no_more_room_than_a_thousand()
    {
        using var loggers = _shown.Open(_clock);
        var logger = loggers.CreateLogger("any");
        for (var i = 0; i < 5_000; i++)
            logger.CallsRefused($"org{i}", "sweep", default, "x");
        _shown.Texts.Count.ShouldBe(1_002);
    }

    [Fact]
    public void What_is_fatal_is_always_shown()
    {
        using var loggers = _shown.Open(_clock);
        var logger = loggers.CreateLogger("any");
        for (var i = 0; i < 10; i++)
            logger.Log(LogLevel.Critical, new EventId(1, "Broke"), "broke", null, (said, _) => said);
        _shown.Texts.Count.ShouldBe(10);
    }

    private long Counted() => _shown.Events.Sum(line => Of(line, "Count") ?? 1 + (Of(line, "Repeats") ?? 0));

    private static long? Of(Serilog.Events.LogEvent line, string property) =>
        line.Properties.TryGetValue(property, out var value) && value is Serilog.Events.ScalarValue { Value: long number } ? number : null;

    private static void Fail(ILogger logger, string channel, string rpcId = "") =>
        logger.StreamFailed("acme", channel, "service.unavailable", rpcId, Directive.Resume, "Nothing to do: the stream resumes by itself.");
}
