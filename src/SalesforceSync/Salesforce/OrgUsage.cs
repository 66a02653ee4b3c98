using System.Globalization;

namespace SalesforceSync.Salesforce;

/// <summary>What an org says of its own 24-hour allowance of calls, all its clients together.</summary>
internal readonly record struct OrgUsage(long Used, long Limit)
{
    /// <summary>Reads the header <c>Sforce-Limit-Info</c>: <c>api-usage=10018/100000; api-bursts=1/750</c>. Null for anything else.</summary>
    public static OrgUsage? Parse(string? header)
    {
        foreach (var part in (header ?? "").Split([';', ','], StringSplitOptions.TrimEntries))
        {
            if (!part.StartsWith("api-usage=", StringComparison.OrdinalIgnoreCase))
                continue;
            var numbers = part["api-usage=".Length..].Split('/');
            if (numbers.Length == 2 && Number(numbers[0]) is { } used && Number(numbers[1]) is > 0 and { } limit)
                return new OrgUsage(used, limit);
        }
        return null;
    }

    private static long? Number(string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
