using System.Globalization;

namespace SalesforceSync.Configuration;

/// <summary>A key a reader asked for, whether it was given or not.</summary>
/// <param name="Path">The whole key.</param>
/// <param name="Values">What it takes, for a person.</param>
internal sealed record AskedKey(string Path, string Values)
{
    public const string Secret = "secret text";

    public const string List = "list of texts";

    public static string Number(int least, int most) => FormattableString.Invariant($"number, {least} to {most}");

    public static string Span(TimeSpan least, TimeSpan most) => $"time span, {Written(least)} to {Written(most)}";

    /// <summary>As a person would write it.</summary>
    public static string Written(TimeSpan span) => span.ToString(span.Milliseconds == 0 ? "c" : @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);

    public static string OneOf(IEnumerable<string> words) => string.Join(", ", words.Select(w => $"`{w}`"));
}
