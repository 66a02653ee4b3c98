using System.CommandLine;
using System.Text.Json;
using SalesforceSync.Cli.Init;

namespace SalesforceSync.Cli;

/// <summary><c>init</c>: writes the configuration of one org by asking, with comments. Secrets are not asked for: it says where each goes.</summary>
internal static class InitVerb
{
    private const string Usual = "appsettings.json";

    private static readonly Option<string> Output = new("--output") { Description = "the file to write", HelpName = "file", DefaultValueFactory = _ => Usual };

    private static readonly Option<bool> Yes = new("--yes") { Description = "replace the file if it is there" };

    public static Option[] Options { get; } = [.. Questions.All.Select(q => q.Option), Output, Yes];

    public static async Task<int> RunAsync(bool json, ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var file = Path.GetFullPath(parsed.GetValue(Output)!, surroundings.Sources.WorkingDirectory);
        if (Directory.Exists(file))
            return await Faults.PrintAsync([new("--output", file, "is a folder; name a file")], surroundings.Error);
        if (File.Exists(file) && !parsed.GetValue(Yes))
            return await Faults.PrintAsync([new("--output", file, "is there already; add --yes to replace it, or name another file")], surroundings.Error);
        // A program that reads the document cannot answer.
        var (answers, faults) = await new Interview(parsed, json ? null : surroundings.Person, surroundings.Error).RunAsync(stop);
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        if (answers.KeyFile is not null)
            answers = answers with { KeyFile = Path.GetFullPath(answers.KeyFile) };
        try
        {
            await WriteAsync(file, FirstConfiguration.Text(answers), stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await surroundings.Error.WriteLineAsync($"{file}: cannot be written ({e.GetType().Name}): let this user write the folder, or name another file with --output");
            return ExitCode.Failed;
        }
        var isUsual = file == Path.GetFullPath(Usual, surroundings.Sources.WorkingDirectory);
        await TellAsync(surroundings, json, file, answers, isUsual ? "" : $" --config {parsed.GetValue(Output)}");
        return ExitCode.Done;
    }

    /// <summary>Whole or not at all.</summary>
    private static async Task WriteAsync(string file, string text, CancellationToken stop)
    {
        var beside = $"{file}.new";
        await File.WriteAllTextAsync(beside, text, stop);
        File.Move(beside, file, overwrite: true);
    }

    private static async Task TellAsync(Surroundings surroundings, bool json, string file, Answers answers, string config)
    {
        var secrets = FirstConfiguration.Secrets(answers)
            .Select(s => new { variable = s.Name, file = Path.Combine(surroundings.Sources.SecretsDirectory, s.Name), form = s.Form, when = s.When }).ToList();
        string[] next = [$"salesforce-sync check{config}", $"salesforce-sync plan{config}"];
        if (json)
        {
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(new { org = answers.OrgName, file, secrets, next }, JsonSerializerOptions.Web));
            return;
        }
        // Lines, so that they can be copied as they are.
        await surroundings.Out.WriteLineAsync($"{file} is written. Secrets are not in it: give each as a variable, or as a file of that name in {surroundings.Sources.SecretsDirectory}.");
        foreach (var secret in secrets)
            await surroundings.Out.WriteLineAsync($"  {secret.variable}: {secret.form}{Environment.NewLine}    {secret.when}");
        await surroundings.Out.WriteLineAsync($"next: {next[0]}, which tries all of it and makes some calls;");
        await surroundings.Out.WriteLineAsync($"then: {next[1]}, which tells what the copy will cost; it needs the control schema, which salesforce-sync migrate{config} makes.");
    }
}
