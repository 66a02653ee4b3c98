using System.Text.Json.Serialization;

namespace SalesforceSync.Cli.Checks;

/// <summary>How a check ended. A warning does not keep the copy from working.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    [JsonStringEnumMemberName("ok")]
    Ok,
    [JsonStringEnumMemberName("warning")]
    Warning,
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>What one check found.</summary>
/// <param name="Org">Null when it concerns them all.</param>
/// <param name="Check">What was looked at.</param>
/// <param name="Remedy">What a person should do; null when all is well.</param>
internal sealed record Finding(string? Org, string Check, Outcome Outcome, string Found, string? Remedy)
{
    public static Finding Ok(string? org, string check, string found) => new(org, check, Outcome.Ok, found, null);

    public static Finding Warning(string? org, string check, string found, string remedy) => new(org, check, Outcome.Warning, found, remedy);

    public static Finding Failed(string? org, string check, string found, string remedy) => new(org, check, Outcome.Failed, found, remedy);
}

/// <summary>What <c>check --json</c> prints.</summary>
/// <param name="ApiCalls">What the check itself cost of the org's API allowance; sign-ins cost nothing there.</param>
internal sealed record CheckDocument(bool Ok, int ApiCalls, IReadOnlyList<Finding> Checks);
