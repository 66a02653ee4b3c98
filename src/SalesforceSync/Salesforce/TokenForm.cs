using SalesforceSync.Configuration;

namespace SalesforceSync.Salesforce;

/// <summary>The form each flow posts to the token endpoint.</summary>
internal static class TokenForm
{
    public static List<KeyValuePair<string, string>> For(SignInFlow.ClientCredentials flow) =>
    [
        new("grant_type", "client_credentials"), new("client_id", flow.ClientId), new("client_secret", flow.ClientSecret.Reveal),
    ];

    /// <param name="assertion">Of <see cref="JwtAssertion.Sign"/>.</param>
    public static List<KeyValuePair<string, string>> For(string assertion) =>
    [
        new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), new("assertion", assertion),
    ];

    /// <param name="token">The refresh token to use, which need not be the configured one.</param>
    public static List<KeyValuePair<string, string>> For(SignInFlow.RefreshToken flow, Secret token) => WithSecret(flow.ClientSecret,
    [
        new("grant_type", "refresh_token"), new("client_id", flow.ClientId), new("refresh_token", token.Reveal),
    ]);

    public static List<KeyValuePair<string, string>> For(SignInFlow.Password flow) => WithSecret(flow.ClientSecret,
    [
        new("grant_type", "password"), new("client_id", flow.ClientId), new("username", flow.Username), new("password", flow.UserPassword.Reveal),
    ]);

    private static List<KeyValuePair<string, string>> WithSecret(Secret? secret, List<KeyValuePair<string, string>> form)
    {
        if (secret is { } given)
            form.Add(new("client_secret", given.Reveal));
        return form;
    }
}
