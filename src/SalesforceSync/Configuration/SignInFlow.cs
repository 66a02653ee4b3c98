namespace SalesforceSync.Configuration;

/// <summary>How an org is signed in to: one OAuth flow with exactly what that flow needs.</summary>
internal abstract record SignInFlow
{
    /// <summary>The app signs in as its run-as user. Needs the My Domain host as LoginUrl.</summary>
    public sealed record ClientCredentials(string ClientId, Secret ClientSecret) : SignInFlow;

    /// <summary>A token signed with the app's private key (PEM, RSA), for a user who has approved the app beforehand.</summary>
    public sealed record JwtBearer(string ClientId, string Username, string PrivateKeyFile) : SignInFlow;

    /// <summary>A refresh token, which the org may be set to replace with every use.</summary>
    public sealed record RefreshToken(string ClientId, Secret? ClientSecret, Secret Token) : SignInFlow;

    /// <summary>User name and password with the security token appended; switched off in new orgs.</summary>
    public sealed record Password(string ClientId, Secret? ClientSecret, string Username, Secret UserPassword) : SignInFlow;

    /// <summary>A token got elsewhere. It is never renewed: when Salesforce refuses it, a person must give another.</summary>
    public sealed record AccessToken(Secret Token, Uri InstanceUrl, string TenantId) : SignInFlow;
}
