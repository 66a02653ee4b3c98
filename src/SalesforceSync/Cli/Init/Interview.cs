using System.CommandLine;
using SalesforceSync.Configuration;

namespace SalesforceSync.Cli.Init;

/// <summary>Takes the answers from the command line, and asks a person for the others where there is one.</summary>
/// <param name="person">Null: nobody can be asked.</param>
internal sealed class Interview(ParseResult parsed, TextReader? person, TextWriter screen)
{
    private readonly List<ConfigurationFault> _faults = [];
    private TextReader? _person = person;

    /// <summary>The answers; complete only when there are no faults, which name the options.</summary>
    public async Task<(Answers Answers, IReadOnlyList<ConfigurationFault> Faults)> RunAsync(CancellationToken stop)
    {
        var answers = new Answers();
        foreach (var question in Questions.All)
        {
            var given = question.GivenIn(parsed);
            if (given is not null || question.Applies(answers))
                answers = await AnswerAsync(question, answers, given, stop);
        }
        return (answers, _faults);
    }

    private async Task<Answers> AnswerAsync(Question question, Answers answers, string? given, CancellationToken stop)
    {
        while (true)
        {
            var text = given ?? (_person is null ? question.Usual(answers) : await AskAsync(question, answers, stop));
            if (string.IsNullOrWhiteSpace(text))
            {
                _faults.Add(new(question.Option.Name, ConfigurationFault.Missing, question.Remedy));
                return answers;
            }
            var answered = question.With(answers, text.Trim());
            // Everything before was accepted, so whatever is wrong now is this answer's doing.
            var faults = FirstConfiguration.Faults(answered).Select(f => f with { Key = question.Option.Name }).ToList();
            if (faults.Count == 0 && question.Refusal(answered) is { } refusal)
                faults.Add(new(question.Option.Name, question.MayHoldSecret ? ConfigurationFault.Hidden : text.Trim(), refusal));
            if (faults.Count == 0)
                return answered;
            if (_person is null)
            {
                _faults.AddRange(faults);
                return answers;
            }
            foreach (var fault in faults)
                await screen.WriteLineAsync(fault.ToString());
            given = null;
        }
    }

    /// <summary>Null when nobody answers any more.</summary>
    private async Task<string?> AskAsync(Question question, Answers answers, CancellationToken stop)
    {
        var usual = question.Usual(answers);
        while (true)
        {
            await screen.WriteAsync(question.Ask(answers) + (usual is null ? ": " : $" [{usual}]: "));
            await screen.FlushAsync(stop);
            if (await _person!.ReadLineAsync(stop) is not { } line)
            {
                await screen.WriteLineAsync();
                _person = null;
                return usual;
            }
            if (!string.IsNullOrWhiteSpace(line))
                return line;
            if (usual is not null)
                return usual;
        }
    }
}
