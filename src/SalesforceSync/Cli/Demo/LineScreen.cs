using System.Globalization;

namespace SalesforceSync.Cli.Demo;

/// <summary>Plain lines, figures every few seconds: for logs, pipes and terminals that can do no more.</summary>
internal sealed class LineScreen(TextWriter writer, TimeProvider time) : IDemoScreen
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();

    public void Announce(string line)
    {
        lock (_gate)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{time.GetElapsedTime(_began).TotalSeconds,5:0.0} s] {line}"));
    }

    public void Print(IEnumerable<string> lines)
    {
        lock (_gate)
        {
            foreach (var line in lines)
                writer.WriteLine(line);
        }
    }

    public async Task ShowAsync(Func<DemoFigures> figures, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stop))
            Announce(FigureWords.Line(figures()));
    }
}
