using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Secrets of a simulated org that nothing the product says may hold.</summary>
internal sealed record Canaries(params string[] Secrets)
{
    /// <summary>The client's secret, and how every access token begins.</summary>
    public static Canaries Of(SimulatedSalesforce simulated) => new(simulated.Settings.SignIn.ClientSecret, $"{simulated.Settings.Org.OrgId}!");

    /// <summary>The first line that holds one, or null.</summary>
    public string? FirstIn(IEnumerable<string> lines) => lines.FirstOrDefault(line => Secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
}
