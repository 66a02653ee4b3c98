namespace SalesforceSync.Simulator.Server;

/// <summary>Who may sign in. The values are made up and open to all: the simulated org has nothing to protect.</summary>
internal sealed record SignInRules
{
    public string ClientId { get; init; } = "simulated-client";

    public string ClientSecret { get; init; } = "simulated-secret";

    public string Username { get; init; } = "integration@simulated.example";

    /// <summary>With the security token behind it, as clients send it.</summary>
    public string Password { get; init; } = "simulated-password-and-token";

    /// <summary>The first refresh token; rotation replaces it.</summary>
    public string RefreshToken { get; init; } = "simulated-refresh-token";

    /// <summary>Whether each use of a refresh token voids it and hands out another.</summary>
    public bool RotateRefreshTokens { get; init; } = true;

    /// <summary>PEM of the RSA key that signs assertions; null refuses the JWT bearer flow.</summary>
    public string? JwtPublicKey { get; init; }

    /// <summary>Accepted as the audience of an assertion, besides the simulator's own address.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = ["https://login.salesforce.com", "https://test.salesforce.com"];

    /// <summary>How long a token lives without being used; null for ever.</summary>
    public TimeSpan? SessionTimeout { get; init; }
}
