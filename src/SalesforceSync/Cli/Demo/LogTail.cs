using System.Text.Json;

namespace SalesforceSync.Cli.Demo;

/// <summary>The last of a worker's log that a person should read.</summary>
internal static class LogTail
{
    /// <summary>Its last warnings and errors, and what is no log line at all.</summary>
    public static IEnumerable<string> Of(string file, int lines) => File.Exists(file) ? File.ReadLines(file).Select(Worth).OfType<string>().TakeLast(lines) : [];

    private static string? Worth(string line)
    {
        try
        {
            var document = JsonSerializer.Deserialize<JsonElement>(line);
            var level = document.GetProperty("Level").GetString();
            return level is "Information" or "Debug" or "Verbose" ? null : $"{level}: {document.GetProperty("RenderedMessage").GetString()}";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return line;
        }
    }
}
