using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace SalesforceSync.Cli;

/// <summary>Where logs go: of <c>run</c> to standard output, JSON lines unless a person reads it; of the other verbs to standard error, as text.</summary>
internal static class Logs
{
    /// <summary>As a person reads a line.</summary>
    public const string Text = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{Repeats: (and 0 more like it)}{NewLine}{Trace:l}";

    /// <summary>The section <c>Serilog</c> sets levels and more; sinks named there take the place of ours.</summary>
    /// <param name="fault">What is wrong with that section, when null is returned.</param>
    /// <param name="counting">The time by which repeats are counted and left out, as of a worker; null: every line is shown.</param>
    public static ILoggerFactory? Open(IConfiguration configuration, bool ofRun, bool isTerminal, out ConfigurationFault? fault, TimeProvider? counting = null)
    {
        fault = null;
        try
        {
            var logger = new LoggerConfiguration()
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .Enrich.FromLogContext()
                .ReadFrom.Configuration(configuration);
            var repeats = counting is null ? null : new Repeats(counting);
            if (repeats is not null)
                logger = logger.Filter.With(repeats);
            if (!configuration.GetSection("Serilog:WriteTo").Exists())
                logger = !ofRun ? logger.Enrich.With(new PlainText()).WriteTo.Console(outputTemplate: Text, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: null)
                    : isTerminal ? logger.Enrich.With(new PlainText()).WriteTo.Console(outputTemplate: Text, formatProvider: null)
                    : logger.WriteTo.Console(new JsonLines());
            var loggers = new SerilogLoggerFactory(logger.CreateLogger(), dispose: true);
            return repeats is null ? loggers : new CountedLoggers(loggers, repeats, counting!);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IOException or System.Reflection.TargetInvocationException)
        {
            fault = new("Serilog", ConfigurationFault.Hidden, "Serilog.Settings.Configuration cannot read this section; correct levels and sinks");
            return null;
        }
    }
}
