namespace SalesforceSync.Cli.Init;

/// <summary>What <c>init</c> was told so far; null: not yet. None of it is secret.</summary>
internal sealed record Answers
{
    public const string ClientCredentials = "ClientCredentials";

    public const string JwtBearer = "JwtBearer";

    public string? OrgName { get; init; }

    public string? Flow { get; init; }

    public string? LoginUrl { get; init; }

    public string? ClientId { get; init; }

    public string? KeyFile { get; init; }

    public string? Username { get; init; }

    /// <summary>Without a password.</summary>
    public string? Postgres { get; init; }

    public string? Schema { get; init; }

    /// <summary>API names; empty: all.</summary>
    public IReadOnlyList<string> Objects { get; init; } = [];

    public string? StartFrom { get; init; }

    public bool IsJwt => JwtBearer.Equals(Flow, StringComparison.OrdinalIgnoreCase);
}
