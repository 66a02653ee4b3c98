using SalesforceSync.Configuration;

namespace SalesforceSync.Cli;

/// <summary>What a verb sees of the world.</summary>
/// <param name="Out">Takes results: a document or a table, nothing else.</param>
/// <param name="Error">Takes faults and remarks for a person.</param>
/// <param name="IsTerminal">Whether a person reads <paramref name="Out"/>.</param>
/// <param name="Sources">Where configuration comes from; <c>--config</c> is added to it.</param>
/// <param name="Person">Answers what is asked on <paramref name="Error"/>, a line each; null: nobody can be asked.</param>
internal sealed record Surroundings(TextWriter Out, TextWriter Error, bool IsTerminal, ConfigurationSources Sources, TimeProvider Time, TextReader? Person = null)
{
    public static Surroundings Real => new(
        Console.Out, Console.Error, !Console.IsOutputRedirected, new ConfigurationSources(Directory.GetCurrentDirectory()), TimeProvider.System,
        Console.IsInputRedirected || Console.IsErrorRedirected ? null : Console.In);
}
