using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Json;

namespace SalesforceSync.Cli;

/// <summary>Where logs go: of <c>run</c> to standard output, JSON lines unless a person reads it; of the other verbs to standard error, as text.</summary>
internal static class Logs
{
    private const string Text = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    /// <summary>The section <c>Serilog</c> sets levels and more; sinks named there take the place of ours.</summary>
    /// <param name="fault">What is wrong with that section, when null is returned.</param>
    public static ILoggerFactory? Open(IConfiguration configuration, bool ofRun, bool isTerminal, out ConfigurationFault? fault)
    {
        fault = null;
        try
        {
            var logger = new LoggerConfiguration()
                .MinimumLevel.Information()
                .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
                .Enrich.FromLogContext()
                .ReadFrom.Configuration(configuration);
            if (!configuration.GetSection("Serilog:WriteTo").Exists())
                logger = !ofRun ? logger.WriteTo.Console(outputTemplate: Text, standardErrorFromLevel: LogEventLevel.Verbose, formatProvider: null)
                    : isTerminal ? logger.WriteTo.Console(outputTemplate: Text, formatProvider: null)
                    : logger.WriteTo.Console(new JsonFormatter(renderMessage: true));
            return new SerilogLoggerFactory(logger.CreateLogger(), dispose: true);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IOException or System.Reflection.TargetInvocationException)
        {
            fault = new("Serilog", ConfigurationFault.Hidden, "Serilog.Settings.Configuration cannot read this section; correct levels and sinks");
            return null;
        }
    }
}
