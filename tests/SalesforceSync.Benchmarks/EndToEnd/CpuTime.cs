using System.Globalization;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>CPU seconds, user and system, as /proc tells them (proc(5), "stat"), in hundredths.</summary>
internal static class CpuTime
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Of one process.</summary>
    public static double Of(int processId) => Stat(processId) is { } stat ? (stat[0] + stat[1]) / TicksPerSecond : 0;

    /// <summary>Of a process and all its children, those that ended included.</summary>
    public static double OfFamily(int parentId)
    {
        if (Stat(parentId) is not { } parent)
            return 0;
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => Stat(int.Parse(name!, CultureInfo.InvariantCulture))).Where(stat => stat is not null && stat[4] == parentId);
        return (parent[0] + parent[1] + parent[2] + parent[3] + children.Sum(child => child![0] + child[1])) / TicksPerSecond;
    }

    /// <summary>utime, stime, cutime, cstime, ppid; null when the process is gone.</summary>
    private static long[]? Stat(int processId)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{processId}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return [.. new[] { 11, 12, 13, 14, 1 }.Select(i => long.Parse(fields[i], CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
