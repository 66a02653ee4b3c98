using System.Text.Json;
using System.Text.RegularExpressions;

namespace SalesforceSync.Tests.House;

/// <summary>Our docker-compose.yml: nested mappings, plain values and lists in JSON's form; anything else of YAML is refused.</summary>
internal sealed partial class ComposeFile(Dictionary<string, object> root)
{
    public static ComposeFile Read(string path)
    {
        var lines = new Queue<string>(File.ReadAllLines(path).Where(line => line.Trim() is { Length: > 0 } text && text[0] != '#'));
        return new ComposeFile(Mapping(lines, 0));
    }

    /// <summary>A service's value, null when it is not given: a text, a list of texts or a mapping.</summary>
    public T? Find<T>(string service, string key) where T : class => Service(service).GetValueOrDefault(key) as T;

    public List<string> List(string service, string key) => Find<List<string>>(service, key) ?? [];

    public Dictionary<string, string> Environment(string service) =>
        (Find<Dictionary<string, object>>(service, "environment") ?? []).ToDictionary(pair => pair.Key, pair => (string)pair.Value);

    private Dictionary<string, object> Service(string name) => (Dictionary<string, object>)((Dictionary<string, object>)root["services"])[name];

    private static Dictionary<string, object> Mapping(Queue<string> lines, int indent)
    {
        var mapping = new Dictionary<string, object>();
        while (lines.TryPeek(out var line) && Indent(line) == indent)
        {
            lines.Dequeue();
            var entry = Entry().Match(line);
            if (!entry.Success) throw new FormatException($"docker-compose.yml: more of YAML than this test reads: {line}");
            var nested = entry.Groups[2].Length == 0 && lines.TryPeek(out var next) && Indent(next) > indent;
            mapping.Add(entry.Groups[1].Value, nested ? Mapping(lines, Indent(lines.Peek())) : Scalar(entry.Groups[2].Value));
        }
        return mapping;
    }

    private static object Scalar(string text)
    {
        var value = Variable().Replace(text, "$1");
        return value.StartsWith('[') ? JsonSerializer.Deserialize<List<string>>(value)! : value.Trim('"');
    }

    private static int Indent(string line) => line.Length - line.TrimStart(' ').Length;

    [GeneratedRegex("^ *([A-Za-z_]+):(?: (.*))?$")]
    private static partial Regex Entry();

    // ${NAME:-default}: nothing is set here, so the default holds.
    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex Variable();
}
