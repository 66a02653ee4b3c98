using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SalesforceSync.Cli.Demo;

/// <summary>A table that is drawn anew twice a second, with the last announcements below it; plain lines before and after.</summary>
internal sealed class LiveScreen(IAnsiConsole console, TimeProvider time) : IDemoScreen
{
    private const int LinesBelow = 8;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly List<string> _below = [];
    private readonly long _began = time.GetTimestamp();
    private bool _live;

    public void Announce(string line)
    {
        var stamped = string.Create(CultureInfo.InvariantCulture, $"[{time.GetElapsedTime(_began).TotalSeconds,5:0.0} s] {line}");
        lock (_gate)
        {
            if (_live)
                _below.Add(stamped);
            else
                console.Write(new Text(stamped + "\n"));
        }
    }

    public void Print(IEnumerable<string> lines)
    {
        // Not through the console: it would break long lines where they must stay whole.
        lock (_gate)
        {
            foreach (var line in lines)
                console.Profile.Out.Writer.WriteLine(line);
        }
    }

    public async Task ShowAsync(Func<DemoFigures> figures, CancellationToken stop)
    {
        lock (_gate)
            _live = true;
        try
        {
            await console.Live(Frame(figures())).StartAsync(async live =>
            {
                using var timer = new PeriodicTimer(Every, time);
                try
                {
                    while (await timer.WaitForNextTickAsync(stop))
                        live.UpdateTarget(Frame(figures()));
                }
                catch (OperationCanceledException)
                {
                    // The last frame stays.
                    live.UpdateTarget(Frame(figures()));
                }
            });
        }
        finally
        {
            lock (_gate)
                _live = false;
        }
    }

    private Rows Frame(DemoFigures figures)
    {
        var table = new Table { Border = TableBorder.Rounded, ShowHeaders = false };
        table.AddColumn(new TableColumn("")).AddColumn(new TableColumn("").RightAligned());
        foreach (var (name, value) in FigureWords.Rows(figures))
            table.AddRow(new Text(name), new Text(value, new Style(decoration: Decoration.Bold)));
        lock (_gate)
            return new Rows([table, new Text(FigureWords.Star, new Style(Color.Grey)), .. _below.TakeLast(LinesBelow).Select(IRenderable (line) => new Text(line))]);
    }
}
