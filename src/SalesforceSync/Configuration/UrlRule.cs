using System.Net;

namespace SalesforceSync.Configuration;

/// <summary>Which URLs this program may speak to: TLS everywhere, cleartext to this machine only, and nothing secret in the URL itself.</summary>
internal static class UrlRule
{
    /// <summary>The URL without its closing slash, or the reason why it is refused.</summary>
    public static (Uri? Url, string? Refusal) Check(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
            return (null, "give https://host");
        if (url.UserInfo.Length > 0)
            return (null, "take user and password out of the URL");
        if (url.Query.Length > 0 || url.Fragment.Length > 0)
            return (null, "give the URL without ? and #");
        if (url.Scheme == "http" && !IsThisMachine(url))
            return (null, "give https://; http:// is for loopback addresses only");
        return (new Uri(url.AbsoluteUri.TrimEnd('/')), null);
    }

    // The name localhost may not resolve to another machine (RFC 6761); any other name may.
    private static bool IsThisMachine(Uri url) =>
        url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(url.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
