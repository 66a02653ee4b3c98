using System.CommandLine;

namespace SalesforceSync.Cli.Init;

/// <summary>One thing <c>init</c> has to know: an option of the command line, or what a person is asked.</summary>
/// <param name="Ask">What a person reads.</param>
/// <param name="With">The answers with this one; called with a text that is not blank.</param>
/// <param name="Usual">What holds where nothing is said; null: it has to be said.</param>
/// <param name="Remedy">What to do where it has to be said and is not.</param>
internal sealed record Question(Option Option, Func<Answers, string> Ask, Func<Answers, string, Answers> With, Func<Answers, string?> Usual, string Remedy)
{
    /// <summary>Whether it is asked, after these answers.</summary>
    public Func<Answers, bool> Applies { get; init; } = _ => true;

    /// <summary>What only this verb refuses: it does not write all that the configuration may hold. Null: nothing.</summary>
    public Func<Answers, string?> Refusal { get; init; } = _ => null;

    /// <summary>Whether what was given is kept out of messages.</summary>
    public bool MayHoldSecret { get; init; }

    /// <summary>What the option was given as; null when it was not.</summary>
    public string? GivenIn(ParseResult parsed) => Option switch
    {
        Option<string?> one => parsed.GetValue(one),
        Option<string[]> many => parsed.GetValue(many) is { Length: > 0 } names ? string.Join(',', names) : null,
        _ => null,
    };
}
