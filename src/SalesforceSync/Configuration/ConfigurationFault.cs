using System.Text;

namespace SalesforceSync.Configuration;

/// <summary>One thing wrong with the configuration: where it stands, what stands there, and what to write instead.</summary>
/// <param name="Key">The full key, sections joined by <c>:</c>.</param>
/// <param name="Value">The value as it may be shown: <c>***</c> for secrets and for keys nobody knows, since those may hold one.</param>
internal sealed record ConfigurationFault(string Key, string Value, string Remedy)
{
    public const string Missing = "(missing)";

    public const string Hidden = "***";

    private const int LongestShown = 120;

    /// <summary>One line: <c>key: value: remedy</c>. Control characters are escaped, so a value can never make a second line.</summary>
    public override string ToString() => $"{Printable(Key)}: {Printable(Value)}: {Remedy}";

    private static string Printable(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, LongestShown)))
            line.Append(char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString());
        return text.Length > LongestShown ? line.Append("...").ToString() : line.ToString();
    }
}
