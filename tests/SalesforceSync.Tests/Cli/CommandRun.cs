using System.Text.Json;
using SalesforceSync.Cli;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Cli;

/// <summary>One run of the command line in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static Task<CommandRun> OfAsync(ScratchConfiguration scratch, params string[] args) => OfAsync(scratch, person: null, args);

    /// <param name="person">Answers what is asked; null: nobody can be asked.</param>
    public static async Task<CommandRun> OfAsync(ScratchConfiguration scratch, TextReader? person, params string[] args)
    {
        var who = Overheard.Who(args);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(args, new Surroundings(output, error, IsTerminal: false, scratch.Sources(), TimeProvider.System, person));
        Overheard.Note(who, output.ToString());
        Overheard.Note(who, error.ToString());
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
