namespace SalesforceSync.Salesforce;

/// <summary>The id of an org, always in its 18-character form; compared to the byte.</summary>
internal readonly record struct OrgId
{
    private const int Short = 15;
    private const int Long = 18;
    private const string Checksums = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    private readonly string? _text;

    private OrgId(string text) => _text = text;

    /// <summary>Takes 15 or 18 letters and digits; 15 are widened. Null for anything else.</summary>
    public static OrgId? TryParse(string? text) => text switch
    {
        { Length: Long } when text.All(char.IsAsciiLetterOrDigit) => new OrgId(text),
        { Length: Short } when text.All(char.IsAsciiLetterOrDigit) => new OrgId(Widen(text)),
        _ => null,
    };

    /// <summary>The org in an identity URL, <c>https://host/id/{org}/{user}</c>: its last segment but one.</summary>
    public static OrgId? FromIdentityUrl(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var identity) && identity.Segments is [.., var org, _] ? TryParse(org.TrimEnd('/')) : null;

    /// <summary>The org in front of the exclamation mark of an access token (<c>00D…!…</c>).</summary>
    public static OrgId? FromToken(string token) => token.IndexOf('!', StringComparison.Ordinal) is var end and > 0 ? TryParse(token[..end]) : null;

    /// <summary>The org in a topic's tenant: the id alone, or the last part of a path such as <c>core/instance/00D...</c>.</summary>
    public static OrgId? FromTenant(string? tenant) => TryParse(tenant?[(tenant.LastIndexOf('/') + 1)..]);

    public override string ToString() => _text ?? "";

    // Three characters say which of the fifteen are upper-case, five to a character, the first in the lowest bit.
    private static string Widen(string text)
    {
        Span<char> suffix = stackalloc char[Long - Short];
        for (var part = 0; part < suffix.Length; part++)
        {
            var upper = 0;
            for (var i = 0; i < 5; i++)
                upper |= char.IsAsciiLetterUpper(text[part * 5 + i]) ? 1 << i : 0;
            suffix[part] = Checksums[upper];
        }
        return string.Concat(text, suffix);
    }
}
