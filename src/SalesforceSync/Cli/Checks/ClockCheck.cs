using System.Globalization;

namespace SalesforceSync.Cli.Checks;

/// <summary>Whether the clocks agree: tokens are refused when ours is wrong by minutes, and every time shown beside another is read as if they did.</summary>
internal static class ClockCheck
{
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(5);

    // Salesforce takes a signed token for three minutes (protocol.md part 8, JWT bearer).
    private static readonly TimeSpan Harmful = TimeSpan.FromMinutes(2);

    /// <param name="offset">What to add to our clock to get theirs.</param>
    public static Finding OfSalesforce(string org, TimeSpan offset) => Of(org, "clock", "Salesforce", offset);

    public static Finding OfPostgres(TimeSpan offset) => Of(null, "postgres clock", "Postgres", offset);

    private static Finding Of(string? org, string check, string whose, TimeSpan offset)
    {
        var ahead = offset >= TimeSpan.Zero ? "ahead of" : "behind";
        var found = string.Create(CultureInfo.InvariantCulture, $"{whose} is {offset.Duration().TotalSeconds:0.#} s {ahead} this machine");
        return offset.Duration() switch
        {
            var skew when skew < Noticeable => Finding.Ok(org, check, "agrees with this machine's"),
            var skew when skew < Harmful => Finding.Warning(org, check, found, "let both follow a time server (NTP)"),
            _ => Finding.Failed(org, check, found, "set the clock that is wrong and let both follow a time server (NTP): tokens are refused otherwise"),
        };
    }
}
