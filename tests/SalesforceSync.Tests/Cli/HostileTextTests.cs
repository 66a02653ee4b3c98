using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using SalesforceSync.Cli;
using SalesforceSync.Repair;
using SalesforceSync.Tests.Simulator;

namespace SalesforceSync.Tests.Cli;

/// <summary>Names, ids and error texts come from Salesforce and from Postgres: whoever sets them may wish to forge a line or to command a terminal.</summary>
public class HostileTextTests
{
    private const string Clear = "\u001b[2J\u001b]0;owned\u0007";

    private const string Hostile = "Account\r\n12:00:00.000 ERR forged" + Clear + "\u009b31m\u202etxt.\u2066\u2028next\u2029\u0085\u200b\ufeff\0\u007f\b";

    [Fact]
    public void On_a_terminal_a_line_stays_a_line_and_shows_what_is_hidden()
    {
        var shown = Say();
        shown.Texts.Count.ShouldBe(3);
        foreach (var text in shown.Texts)
        {
            text.Where(PlainText.IsHidden).ShouldAllBe(c => c == '\n');
            text.ShouldContain(@"\u001b[2J");
            text.ShouldContain(@"\u202etxt.");
            // Only a failure has more lines than one, and they are indented.
            text.TrimEnd('\n').Split('\n').Skip(1).ShouldAllBe(line => line.StartsWith("    ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void As_json_a_line_stays_a_line_and_gives_every_character_back()
    {
        foreach (var line in Say(plain: false).Events)
        {
            using var json = new StringWriter(CultureInfo.InvariantCulture);
            new JsonLines().Format(line, json);
            var text = json.ToString();
            text.Where(PlainText.IsHidden).ShouldBe(['\n']);
            text.ShouldEndWith("}\n");
            using var document = JsonDocument.Parse(text);
            document.RootElement.GetProperty("RenderedMessage").GetString().ShouldNotBeNull();
            var said = document.RootElement.TryGetProperty("Exception", out var exception) ? exception.GetString()! : document.RootElement.GetProperty("Properties").GetProperty("Reason").GetString()!;
            said.ShouldContain(Hostile);
        }
    }

    /// <summary>Whoever else writes there meanwhile is passed over.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void So_does_every_verb_show_it(bool ofRun, bool isTerminal)
    {
        var (console, errors, marker) = (Console.Out, Console.Error, $"marked{Guid.NewGuid():N}");
        using var written = new StringWriter(CultureInfo.InvariantCulture);
        try
        {
            Console.SetOut(TextWriter.Synchronized(written));
            Console.SetError(Console.Out);
            using var loggers = Logs.Open(new ConfigurationBuilder().Build(), ofRun, isTerminal, out var fault, ofRun ? TimeProvider.System : null)!;
            fault.ShouldBeNull();
            loggers.CreateLogger("any").FetchWaits("acme", marker + Hostile, TimeSpan.FromSeconds(1), Hostile);
        }
        finally
        {
            Console.SetOut(console);
            Console.SetError(errors);
        }
        var line = written.ToString().Split('\n').Single(l => l.Contains(marker, StringComparison.Ordinal));
        line.ShouldContain(@"\u202etxt");
        line.ShouldNotContain("\u001b[2J");
        line.ShouldContain("forged");
        line.StartsWith('{').ShouldBe(ofRun && !isTerminal);
    }

    [Fact]
    public void What_is_ordinary_stays_as_it_is() => PlainText.Of("Überprüfung__c \"5\" \\u 名前 🎈").ShouldBe("Überprüfung__c \"5\" \\u 名前 🎈");

    private static ShownLines Say(bool plain = true)
    {
        var shown = new ShownLines { IsPlain = plain };
        using var loggers = shown.Open(new ManualClock());
        var logger = loggers.CreateLogger("any");
        logger.FetchWaits("acme", Hostile, TimeSpan.FromSeconds(1), Hostile);
        logger.OrgRefused(Hostile);
        logger.OrgFailed("acme", TimeSpan.FromSeconds(1), "InvalidOperationException", new InvalidOperationException(Hostile));
        return shown;
    }
}
