using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;

namespace SalesforceSync.Cli;

/// <summary>
/// Serilog's JSON, one line for each event whatever it quotes. What a terminal or an editor might take for the end of a line or for a command is escaped as JSON
/// has it, so that whoever reads the JSON gets every character as it was.
/// </summary>
internal sealed class JsonLines : ITextFormatter
{
    private readonly JsonFormatter _json = new(renderMessage: true);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _json.Format(logEvent, line);
        // Nothing of the kind stands outside of a text.
        output.Write(PlainText.Of(line.ToString().TrimEnd('\r', '\n')));
        output.Write('\n');
    }
}
