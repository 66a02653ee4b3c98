using System.Text;
using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

/// <summary>docs/configuration.md as the code has it: the keys the readers ask for, and what <see cref="ConfigurationKeys"/> tells of them.</summary>
internal sealed class ConfigurationReference(IReadOnlyDictionary<string, string> asked)
{
    private const string Before = """
        # Configuration

        This page is made from the code; a test holds that it lists every key that is read, and no other.

        Later wins: `appsettings.json` in the working directory, `--config <file>`, files in `/run/secrets`, environment variables. `salesforce-sync init` writes a
        first file by asking.

        - **JSON files** have a section for each part of a key between colons: `Http:Port` is `{ "Http": { "Port": 8080 } }`. Comments and a comma after the last
          element are allowed; a file with the same key twice is refused.
        - **Variables and secret files** have the same names, with `__` for each colon: `Http__Port`, `/run/secrets/Http__Port`. A file holds the value and nothing
          else; the line end is not part of it. Other files there are not opened. Every key may be given either way; for secrets do not use a JSON file.
        - **API names** keep their own `__` there: `Orgs__acme__Objects__ns__Invoice__c__Include=false`.
        - **Lists** are numbered from 0: `Orgs__acme__Channels__0`. A list that is given takes the place of the whole list of an earlier source, and of the default.
        - **Time spans** are `[days.]hh:mm:ss[.fraction]`: `00:00:00.050` is 50 ms, `7.00:00:00` seven days. A bare number is refused.
        - **Words** are read without regard to case. A blank value counts as not given.
        - **URLs** are `https://`, without user, `?` and `#`; `http://` is accepted for loopback addresses only. TLS is always verified; a private CA is trusted
          through the variable `SSL_CERT_FILE`, a PEM file.

        A key that is not known, or whose feature does not exist yet, is an error: all faults are listed at once as `key: value: remedy`, and the exit code is 2.

        In the tables `acme` stands for the name of an org, which matches `[a-z][a-z0-9_]{0,40}`, and `Account` and `Phone` for those of an object and a field. Any number of orgs
        run in one process.

        """;

    private static readonly (string Heading, string Path, string? Text)[] Sections =
    [
        ("The program", "", null),
        ("An org", $"Orgs:{ConfigurationKey.Org}:", null),
        ("Signing in to an org", $"Orgs:{ConfigurationKey.Org}:Auth:", "Which of them a flow needs stands below; a key of another flow is refused."),
        ("An object of an org", $"Orgs:{ConfigurationKey.Org}:Objects:{ConfigurationKey.Object}:",
            "An object without an entry is copied, unless `\"*\": { \"Include\": false }` stands. An entry stands alone: it takes nothing from `*`."),
    ];

    public string Text()
    {
        var text = new StringBuilder(Before);
        foreach (var section in Sections)
        {
            text.Append($"\n## {section.Heading}\n\n");
            if (section.Text is not null)
                text.Append(section.Text).Append("\n\n");
            text.Append("| key | takes | default | what it does | as a variable or secret file |\n|---|---|---|---|---|\n");
            foreach (var key in ConfigurationKeys.All.Where(k => SectionOf(k.Path) == section.Path))
                text.Append($"| `{key.Path}` | {Cell(key.Values ?? asked.GetValueOrDefault(key.Path, "?"))} | {Cell(key.Default)} | {Cell(key.Meaning)} | {Variable(key)} |\n");
            if (section.Path.EndsWith("Auth:", StringComparison.Ordinal))
                text.Append(Flows());
        }
        return text.ToString();
    }

    /// <summary>The path of a key that was asked for in a configuration with the org <c>acme</c>, its object <c>Account</c> and that one's field <c>Phone</c>.</summary>
    public static string PathOf(string key) => key.Replace(":acme:", $":{ConfigurationKey.Org}:", StringComparison.Ordinal)
        .Replace(":Account:", $":{ConfigurationKey.Object}:", StringComparison.Ordinal).Replace(":Mask:Phone", $":Mask:{ConfigurationKey.Field}", StringComparison.Ordinal);

    private static string SectionOf(string path) => Sections.Select(s => s.Path).Where(s => path.StartsWith(s, StringComparison.Ordinal)).MaxBy(s => s.Length)!;

    private string Variable(ConfigurationKey key)
    {
        var name = key.Path.Replace(ConfigurationKey.Org, "acme", StringComparison.Ordinal).Replace(ConfigurationKey.Object, "Account", StringComparison.Ordinal)
            .Replace(ConfigurationKey.Field, "Phone", StringComparison.Ordinal).Replace(":", "__", StringComparison.Ordinal).Replace("*", "…", StringComparison.Ordinal);
        return asked.GetValueOrDefault(key.Path) == AskedKey.List ? $"`{name}__0`, `…__1`" : $"`{name}`";
    }

    private static string Flows()
    {
        var text = new StringBuilder("\n| flow | needs | may have |\n|---|---|---|\n");
        foreach (var (flow, (required, optional)) in SignInReader.Flows)
            text.Append($"| `{flow}` | {AskedKey.OneOf(required)} | {AskedKey.OneOf(optional)} |\n");
        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
