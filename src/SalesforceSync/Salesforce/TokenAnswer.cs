using System.Net;
using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>What the token endpoint said, understood: a grant, with a new refresh token where the org replaces them.</summary>
internal sealed record TokenAnswer(AccessGrant Grant, Secret? RefreshToken)
{
    private const int LongestToken = 16 * 1024;

    // OAuth error codes that stay as they are until a person changes something. Everything else may pass.
    private static readonly Dictionary<string, string> Refusals = new(StringComparer.Ordinal)
    {
        ["invalid_grant"] = "check user, password, refresh token or key, that the user may use the app, and that the login is not restricted by IP",
        ["invalid_client"] = "check Auth:ClientId and Auth:ClientSecret",
        ["invalid_client_id"] = "check Auth:ClientId",
        ["invalid_client_credentials"] = "check Auth:ClientSecret",
        ["invalid_assertion"] = "check that the app holds the certificate of Auth:PrivateKeyFile",
        ["unauthorized_client"] = "allow this flow in the connected app",
        ["unsupported_grant_type"] = "allow this flow in the org; client credentials need the My Domain URL as LoginUrl",
        ["invalid_app_access"] = "approve the connected app for the user, or give it to the user's profile or permission set",
        ["invalid_scope"] = "give the connected app the scope api",
        ["invalid_request"] = "check that the connected app is set up for this flow",
        ["inactive_user"] = "activate the user",
        ["inactive_org"] = "activate the org",
        ["access_denied"] = "approve the connected app for the user",
    };

    /// <exception cref="SignInRefusedException">A code of the table.</exception>
    /// <exception cref="SignInUnavailableException">Anything else that is no grant.</exception>
    public static TokenAnswer Read(string org, SalesforceAnswer answer, DateTimeOffset now)
    {
        using var json = answer.Json();
        if (json is null || json.RootElement.ValueKind != JsonValueKind.Object)
            throw new SignInUnavailableException(org, $"the login host answered {(int)answer.Status} without JSON; check LoginUrl if this does not pass");
        if (!answer.IsSuccess)
            throw Refusal(org, answer.Status, AnswerText.Of(json.RootElement, "error"), AnswerText.Of(json.RootElement, "error_description"));
        var token = AnswerText.Of(json.RootElement, "access_token");
        if (string.IsNullOrEmpty(token) || token.Length > LongestToken || !token.All(c => c is > ' ' and <= '~'))
            throw new SignInUnavailableException(org, "the login host answered without a usable access_token");
        var (instance, refusal) = UrlRule.Check(AnswerText.Of(json.RootElement, "instance_url") ?? "");
        if (instance is null)
            throw new SignInUnavailableException(org, $"the instance_url in the login host's answer is not usable: {refusal}");
        var refresh = AnswerText.Of(json.RootElement, "refresh_token");
        var grant = new AccessGrant(new Secret(token), instance, OrgId.FromIdentityUrl(AnswerText.Of(json.RootElement, "id")) ?? OrgId.FromToken(token), now);
        return new TokenAnswer(grant, string.IsNullOrEmpty(refresh) ? null : new Secret(refresh));
    }

    private static SignInException Refusal(string org, HttpStatusCode status, string? code, string? description)
    {
        // Salesforce words its throttle of sign-ins as invalid_grant, "login rate exceeded".
        var isThrottle = description?.Contains("rate exceeded", StringComparison.OrdinalIgnoreCase) is true;
        if ((int)status < 500 && status != HttpStatusCode.TooManyRequests && !isThrottle && code is not null && Refusals.TryGetValue(code, out var remedy))
            return new SignInRefusedException(org, code, remedy);
        var shown = code is { Length: > 0 and <= 64 } && code.All(c => char.IsAsciiLetterLower(c) || c == '_') ? code : "no known error code";
        return new SignInUnavailableException(org, $"the login host answered {(int)status} ({(isThrottle ? "login rate exceeded" : shown)})");
    }
}
