using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace SalesforceSync.Cli;

/// <summary>
/// Makes what a line quotes from elsewhere (names, error texts, ids) harmless on a terminal: line ends, terminal codes and marks that turn the direction of
/// text around are shown as <c>\u001b</c>, so that nobody can forge a line or hide one. Failures with their stack become <see cref="Trace"/>, indented.
/// </summary>
internal sealed class PlainText : ILogEventEnricher
{
    /// <summary>In place of the exception.</summary>
    public const string Trace = "Trace";

    private const string Indentation = "    ";

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        List<LogEventProperty>? plain = null;
        foreach (var (name, value) in logEvent.Properties)
        {
            if (Of(value) is { } better)
                (plain ??= []).Add(new(name, better));
        }
        foreach (var property in plain ?? [])
            logEvent.AddOrUpdateProperty(property);
        if (logEvent.Exception is { } exception)
            logEvent.AddOrUpdateProperty(new(Trace, new ScalarValue(string.Concat(exception.ToString().Split('\n').Select(line => $"{Indentation}{Of(line.TrimEnd('\r'))}\n")))));
    }

    /// <summary>The text with all that is not to be seen made visible.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsHidden))
            return text;
        var plain = new StringBuilder(text.Length + 32);
        foreach (var c in text)
        {
            if (IsHidden(c))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                plain.Append(c);
        }
        return plain.ToString();
    }

    /// <summary>Control characters, formats (which turn text around or have no width), ends of lines and paragraphs.</summary>
    public static bool IsHidden(char c) =>
        char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <returns>Null where it can stay.</returns>
    private static LogEventPropertyValue? Of(LogEventPropertyValue value) => value switch
    {
        ScalarValue { Value: string text } when text.Any(IsHidden) => new ScalarValue(Of(text)),
        SequenceValue list when list.Elements.Any(e => Of(e) is not null) => new SequenceValue(list.Elements.Select(e => Of(e) ?? e)),
        StructureValue parts when parts.Properties.Any(p => Of(p.Value) is not null) =>
            new StructureValue(parts.Properties.Select(p => new LogEventProperty(p.Name, Of(p.Value) ?? p.Value)), parts.TypeTag),
        _ => null,
    };
}
