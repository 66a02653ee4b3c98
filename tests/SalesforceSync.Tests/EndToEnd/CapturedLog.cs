using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What the product logged, to be asserted on and shown when a test fails.</summary>
/// <param name="who">The test, where it is known; else the stack is asked.</param>
internal sealed class CapturedLog(string? who = null) : ILoggerProvider, ILogger
{
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly string? _who = who ?? Overheard.Who();
    private readonly ConcurrentQueue<(TimeSpan At, int Id, LogLevel Level, string Text)> _lines = new();

    public IEnumerable<(int Id, LogLevel Level, string Text)> Lines => _lines.Select(l => (l.Id, l.Level, l.Text));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception) + (exception is null ? "" : "\n" + exception);
        Overheard.Note(_who, text);
        _lines.Enqueue((TimeProvider.System.GetElapsedTime(_began), eventId.Id, logLevel, text));
    }

    public void Dispose()
    {
    }

    public override string ToString() => string.Join('\n', _lines.TakeLast(60).Select(l => $"{l.At.TotalSeconds:0.00} {l.Id} {l.Level}: {l.Text}"));
}
