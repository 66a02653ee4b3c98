using Microsoft.Extensions.Configuration;

namespace SalesforceSync.Configuration;

/// <summary>
/// Puts API names together again that the separator of sections has cut: in the names of variables and secret files <c>__</c> stands between sections, and in
/// <c>Orgs__acme__Objects__ns__Invoice__c__Mask__Foo__c</c> it is a part of two names as well. Pure.
/// </summary>
internal static class ApiNameKeys
{
    private const string Cut = "__";

    /// <summary>Sections before the name of an object: <c>Orgs</c>, the org, <c>Objects</c>.</summary>
    private const int Before = 3;

    /// <summary>A name has at most a namespace, a name and a suffix.</summary>
    private const int LongestName = 3;

    private static readonly HashSet<string> Suffixes = new(StringComparer.OrdinalIgnoreCase)
    {
        "c", "mdt", "x", "b", "e", "hd", "xo", "ka", "kav", "dlm", "dll", "ChangeEvent", "Share", "History", "Feed", "Tag", "ViewStat", "VoteStat",
    };

    /// <summary>The key with every name of an object, and of a masked field, in one piece; other keys as they are.</summary>
    /// <param name="key">Sections between colons.</param>
    public static string Mend(string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        if (parts.Length <= Before || !Is(parts[0], "Orgs") || !Is(parts[2], "Objects"))
            return key;
        var below = parts[Before..];
        // What is followed by a key of an object is its name; where nothing is, the longest name there can be, so that the rest is refused as a key.
        var length = Lengths(below).FirstOrDefault(n => IsEntry(below[n..]), Lengths(below).First());
        return ConfigurationPath.Combine([.. parts[..Before], string.Join(Cut, below[..length]), .. Entry(below[length..])]);
    }

    private static IEnumerable<int> Lengths(string[] below) =>
        Enumerable.Range(1, LongestName).Reverse().Where(n => n <= below.Length && (n == 1 || Suffixes.Contains(below[n - 1])));

    private static bool IsEntry(string[] rest) => rest switch
    {
        [var key] => Is(key, "Include") || Is(key, "Deletes") || Is(key, "Fields") || Is(key, "Exclude") || Is(key, "Mask"),
        [var key, var index] when Is(key, "Fields") || Is(key, "Exclude") => int.TryParse(index, out _),
        [var key, ..] => Is(key, "Mask"),
        _ => false,
    };

    private static string[] Entry(string[] rest) => rest.Length > 2 && Is(rest[0], "Mask") ? [rest[0], string.Join(Cut, rest[1..])] : rest;

    private static bool Is(string part, string word) => part.Equals(word, StringComparison.OrdinalIgnoreCase);
}
