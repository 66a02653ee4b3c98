using System.Text.Json;

namespace SalesforceSync.Tests.House;

/// <summary>What the last stage of the Dockerfile says about the process it starts.</summary>
internal sealed record ImageFile(
    string User, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment, string[] Entrypoint, string[] Command, string[] HealthCheck)
{
    public static ImageFile Read(string path)
    {
        var lines = File.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').ToList();
        var last = lines.Skip(lines.FindLastIndex(line => line.StartsWith("FROM ", StringComparison.Ordinal))).ToList();
        string Value(string keyword) => last.Single(line => line.StartsWith(keyword + " ", StringComparison.Ordinal))[(keyword.Length + 1)..];
        var health = Value("HEALTHCHECK");
        return new ImageFile(
            Value("USER"),
            Value("WORKDIR"),
            Value("ENV").Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]),
            Words(Value("ENTRYPOINT")),
            Words(Value("CMD")),
            Words(health[(health.IndexOf("CMD ", StringComparison.Ordinal) + 4)..]));
    }

    // Only the exec form: the shell form would start a shell between the engine's signals and the program.
    private static string[] Words(string json) => JsonSerializer.Deserialize<string[]>(json)!;
}
