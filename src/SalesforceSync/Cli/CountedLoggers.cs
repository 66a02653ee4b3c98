using Microsoft.Extensions.Logging;

namespace SalesforceSync.Cli;

/// <summary>The loggers of a worker, whose repeats are counted: each minute, and at the end, it is told what was left out of what is over.</summary>
internal sealed class CountedLoggers : ILoggerFactory
{
    private static readonly TimeSpan Each = TimeSpan.FromMinutes(1);

    private readonly ILoggerFactory _loggers;
    private readonly Repeats _repeats;
    private readonly ILogger _logger;
    private readonly ITimer _timer;

    /// <param name="loggers">Filtered by the repeats; disposed with this.</param>
    public CountedLoggers(ILoggerFactory loggers, Repeats repeats, TimeProvider time)
    {
        (_loggers, _repeats) = (loggers, repeats);
        _logger = loggers.CreateLogger<Repeats>();
        _timer = time.CreateTimer(_ => Tick(), null, Each, Timeout.InfiniteTimeSpan);
    }

    public ILogger CreateLogger(string categoryName) => _loggers.CreateLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) => _loggers.AddProvider(provider);

    public void Dispose()
    {
        _timer.Dispose();
        Tell(all: true);
        _loggers.Dispose();
    }

    private void Tick()
    {
        Tell(all: false);
        _timer.Change(Each, Timeout.InfiniteTimeSpan);
    }

    private void Tell(bool all)
    {
        foreach (var untold in _repeats.Take(all))
            _logger.Repeated(untold.Event, untold.Of, untold.Count, untold.Until);
    }
}
