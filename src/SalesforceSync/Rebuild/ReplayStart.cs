using System.Globalization;
using System.Text.RegularExpressions;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Rebuild;

/// <summary>From where stored events are replayed, as a person gives it.</summary>
internal abstract partial record ReplayStart
{
    private const string Digits = "0123456789";

    // A received number has at most 18 digits; the replay ids seen have 20 hexadecimal ones and more.
    private const int LongestNumber = 18;

    private static readonly string[] Times = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>A received number, as <c>explain</c> shows it.</summary>
    public sealed record Received(long Number) : ReplayStart;

    /// <summary>A replay id, as logs and <c>status</c> show it.</summary>
    public sealed record Position(ReplayId ReplayId) : ReplayStart;

    /// <summary>Salesforce's time of the commit.</summary>
    public sealed record Committed(DateTimeOffset At) : ReplayStart;

    /// <summary>Null when the text is none of them. Up to 18 digits are a number; a replay id that looks so is given with <c>0x</c>.</summary>
    public static ReplayStart? Of(string text)
    {
        if (text.Length is > 0 and <= LongestNumber && text.All(Digits.Contains))
            return new Received(long.Parse(text, CultureInfo.InvariantCulture));
        var hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        if (hex.Length > 0 && hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit))
            return new Position(new ReplayId(Convert.FromHexString(hex)));
        // A time without its zone would be another one on another machine.
        return Zone().IsMatch(text) && DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? new Committed(at) : null;
    }

    [GeneratedRegex(@"(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Zone();
}
