using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using SalesforceSync.Cli;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace SalesforceSync.Tests.Cli;

/// <summary>Loggers as <c>run</c> has them on a terminal, by a clock of ours; what would be shown is kept.</summary>
internal sealed class ShownLines : ILogEventSink
{
    private readonly MessageTemplateTextFormatter _text = new(Logs.Text, CultureInfo.InvariantCulture);
    private readonly ConcurrentQueue<(LogEvent Event, string Text)> _lines = new();
    private long _said;

    public bool IsPlain { get; init; } = true;

    public IReadOnlyList<string> Texts => [.. _lines.Select(l => l.Text)];

    public IReadOnlyList<LogEvent> Events => [.. _lines.Select(l => l.Event)];

    /// <summary>What would have been shown without counting.</summary>
    public long Said => Interlocked.Read(ref _said);

    public ILoggerFactory Open(TimeProvider time)
    {
        var repeats = new Repeats(time);
        var logger = new LoggerConfiguration().MinimumLevel.Information().Filter.ByIncludingOnly(_ => Interlocked.Increment(ref _said) > 0).Filter.With(repeats)
            .WriteTo.Sink(this);
        if (IsPlain)
            logger = logger.Enrich.With(new PlainText());
        return new CountedLoggers(new SerilogLoggerFactory(logger.CreateLogger(), dispose: true), repeats, time);
    }

    public void Emit(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        _text.Format(logEvent, text);
        _lines.Enqueue((logEvent, text.ToString()));
    }

    public override string ToString() => string.Concat(Texts);
}
