using SalesforceSync.Configuration;

namespace SalesforceSync.Cli;

/// <summary>Ends a verb over its configuration.</summary>
internal static class Faults
{
    /// <summary>Prints every fault on a line of its own; the result is the exit code.</summary>
    public static async Task<int> PrintAsync(IEnumerable<ConfigurationFault> faults, TextWriter error)
    {
        foreach (var fault in faults)
            await error.WriteLineAsync(fault.ToString());
        return ExitCode.Usage;
    }

    /// <summary>The fault of naming an org that is not there.</summary>
    public static ConfigurationFault UnknownOrg(string name, IEnumerable<string> known) =>
        new("--org", name, $"there is no such org; known: {string.Join(", ", known.Order(StringComparer.Ordinal))}");
}
