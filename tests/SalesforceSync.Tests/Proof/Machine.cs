namespace SalesforceSync.Tests.Proof;

/// <summary>What the proof ran on.</summary>
internal static class Machine
{
    public static string Name { get; } = $"{Processor()}, {Environment.ProcessorCount} cores";

    private static string Processor()
    {
        const string info = "/proc/cpuinfo";
        var line = File.Exists(info) ? File.ReadLines(info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
