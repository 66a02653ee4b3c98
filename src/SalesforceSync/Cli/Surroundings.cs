using SalesforceSync.Configuration;

namespace SalesforceSync.Cli;

/// <summary>What a verb sees of the world.</summary>
/// <param name="Out">Takes results: a document or a table, nothing else.</param>
/// <param name="Error">Takes faults and remarks for a person.</param>
/// <param name="IsTerminal">Whether a person reads <paramref name="Out"/>.</param>
/// <param name="Sources">Where configuration comes from; <c>--config</c> is added to it.</param>
internal sealed record Surroundings(TextWriter Out, TextWriter Error, bool IsTerminal, ConfigurationSources Sources, TimeProvider Time)
{
    public static Surroundings Real => new(
        Console.Out, Console.Error, !Console.IsOutputRedirected, new ConfigurationSources(Directory.GetCurrentDirectory()), TimeProvider.System);
}
