using System.Globalization;

namespace SalesforceSync.Tests;

/// <summary>Seeds, or numbers, that a person asks for: one, or from one to another.</summary>
internal static class SeedRange
{
    /// <param name="variable">Holds <c>17</c> or <c>17-40</c>; null where it is not set.</param>
    public static IReadOnlyList<int>? Asked(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } range ? Of(range) : null;

    /// <param name="range"><c>17</c> or <c>17-40</c>.</param>
    public static IReadOnlyList<int> Of(string range)
    {
        var ends = range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return [.. Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)];
    }
}
