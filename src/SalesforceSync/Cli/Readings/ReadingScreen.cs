using System.Globalization;
using Spectre.Console;

namespace SalesforceSync.Cli.Readings;

/// <summary>Shows how readings go until all are over: bars on a terminal, else a line whenever one has moved on.</summary>
internal sealed class ReadingScreen(Surroundings surroundings, OrderedReadings readings)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    /// <summary>Follows the readings to their end.</summary>
    /// <param name="quiet">Show nothing.</param>
    public async Task<IReadOnlyList<ReadingStatus>> FollowAsync(IReadOnlyList<long> ids, bool quiet, CancellationToken stop)
    {
        if (quiet || !surroundings.IsTerminal)
            return await LinesAsync(ids, quiet, stop);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Out) });
        return await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bars = new Dictionary<long, ProgressTask>();
                while (true)
                {
                    var all = await readings.StatusAsync(ids, stop);
                    foreach (var one in all)
                    {
                        if (!bars.TryGetValue(one.Id, out var bar)) bars.Add(one.Id, bar = progress.AddTask(Markup.Escape(one.Object)));
                        bar.Description = Markup.Escape(Line(one));
                        bar.IsIndeterminate = one is { IsOver: false, Expected: null };
                        (bar.MaxValue, bar.Value) = (Math.Max(1, one.Expected ?? 1), one.IsOver ? Math.Max(1, one.Expected ?? 1) : one.Merged);
                        if (one.IsOver) bar.StopTask();
                    }
                    if (all.All(one => one.IsOver)) return all;
                    await Task.Delay(Look, surroundings.Time, stop);
                }
            });
    }

    private async Task<IReadOnlyList<ReadingStatus>> LinesAsync(IReadOnlyList<long> ids, bool quiet, CancellationToken stop)
    {
        var told = new Dictionary<long, ReadingStatus>();
        var toldAt = surroundings.Time.GetTimestamp();
        while (true)
        {
            var all = await readings.StatusAsync(ids, stop);
            var isTime = surroundings.Time.GetElapsedTime(toldAt) >= LineEvery;
            foreach (var one in all.Where(one => !quiet && (!told.TryGetValue(one.Id, out var before) || before.State != one.State || (isTime && before != one))))
            {
                await surroundings.Out.WriteLineAsync(Line(one));
                told[one.Id] = one;
            }
            if (isTime) toldAt = surroundings.Time.GetTimestamp();
            if (all.All(one => one.IsOver)) return all;
            await Task.Delay(Look, surroundings.Time, stop);
        }
    }

    private static string Line(ReadingStatus one) => string.Create(
        CultureInfo.InvariantCulture,
        $"{one.Object}: {one.State}, {one.Merged}{(one.Expected is { } expected ? $" of {expected}" : "")} rows, {one.Calls} calls{(one.Message is null ? "" : $": {one.Message}")}");
}
