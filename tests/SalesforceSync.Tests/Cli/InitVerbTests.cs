using System.Security.Cryptography;
using System.Text.RegularExpressions;
using SalesforceSync.Configuration;
using SalesforceSync.Tests.Configuration;

namespace SalesforceSync.Tests.Cli;

/// <summary><c>init</c>: what it writes is what the program reads.</summary>
public sealed partial class InitVerbTests : IDisposable
{
    private const string Postgres = "Host=db;Username=salesforce_sync;Database=copy";

    private static readonly string[] Least = ["--org-name", "acme", "--login-url", "https://acme.my.salesforce.com", "--client-id", "3MVG9.key", "--postgres", Postgres];

    private readonly ScratchConfiguration _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task The_least_that_is_said_makes_a_file_that_is_read_with_every_default()
    {
        await WritesAsync(Least);
        GiveSecrets();
        var org = _scratch.Org();
        (org.Name, org.Schema, org.StartFrom, org.LoginUrl).ShouldBe(("acme", "acme", StartFrom.Snapshot, new Uri("https://acme.my.salesforce.com")));
        org.Auth.ShouldBe(new SignInFlow.ClientCredentials("3MVG9.key", new Secret("told")));
        org.Objects.For("Account").Include.ShouldBeTrue();
        _scratch.Options().Postgres.Reveal.ShouldBe($"{Postgres};Password=told");
    }

    [Fact]
    public async Task Everything_that_is_said_stands_in_the_file()
    {
        var key = KeyFile();
        await WritesAsync(
            "--org-name", "acme", "--flow", "jwtbearer", "--login-url", "sandbox", "--client-id", "the \"key\" // is */ odd", "--key-file", key, "--username", "sync@acme.example",
            "--postgres", $"{Postgres};Application Name=copy", "--schema", "crm", "--object", "Account", "--object", "Invoice__c", "--object", "account", "--start-from", "latest", "--output", "acme.json");
        File.Exists(_scratch.Path("appsettings.json")).ShouldBeFalse();
        _scratch.Config("acme.json");
        var org = _scratch.Org();
        org.Auth.ShouldBe(new SignInFlow.JwtBearer("the \"key\" // is */ odd", "sync@acme.example", key));
        (org.Schema, org.StartFrom, org.LoginUrl).ShouldBe(("crm", StartFrom.Latest, new Uri("https://test.salesforce.com")));
        new[] { "Account", "Invoice__c", "Contact" }.Select(name => org.Objects.For(name).Include).ShouldBe([true, true, false]);
        _scratch.Options().Postgres.Reveal.ShouldBe($"{Postgres};Application Name=copy");
    }

    [Fact]
    public async Task What_is_commented_out_is_the_default_and_comes_into_force_without_its_slashes()
    {
        await WritesAsync([.. Least, "--object", "Account"]);
        GiveSecrets();
        var before = _scratch.Org();
        var written = File.ReadAllText(_scratch.Path("appsettings.json"));
        Slashes().Count(written).ShouldBeGreaterThan(8);
        File.WriteAllText(_scratch.Path("appsettings.json"), Slashes().Replace(written, "$1"));
        var after = _scratch.Org();
        (after with { Channels = before.Channels, Objects = before.Objects, Sweep = before.Sweep }).ShouldBe(before);
        (after.Channels[0], after.Sweep?.ToString()).ShouldBe((before.Channels[0], before.Sweep?.ToString()));
        File.WriteAllText(_scratch.Path("appsettings.json"), Slashes().Replace(written, "$1").Replace("\"CallsPerMonth\": 10000", "\"CallsPerMonth\": 77", StringComparison.Ordinal));
        _scratch.Org().ApiBudget.CallsPerMonth.ShouldBe(77);
    }

    [Fact]
    public async Task A_person_is_asked_for_what_was_not_given_and_again_for_what_is_refused()
    {
        // Name, flow, URL, key file, user name, Postgres (twice refused), schema, objects, start.
        using var person = new StringReader($"Acme!\nacme\nJwtBearer\nproduction\n/nowhere.pem\n{KeyFile()}\nsync@acme.example\n\nnonsense\n{Postgres};Password=CANARY\n{Postgres}\n\nAccount, Contact\n\n");
        var run = await CommandRun.OfAsync(_scratch, person, "init", "--client-id", "id");
        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldContain("Name of the org here");
        run.Error.ShouldContain("--org-name: Acme!: name the org with a lower-case letter");
        run.Error.ShouldContain("--key-file: /nowhere.pem: cannot be read");
        run.Error.ShouldContain("--postgres: ***: is no Npgsql connection string");
        run.Error.ShouldContain("--postgres: ***: leave the password out");
        (run.Out + run.Error).ShouldNotContain("CANARY");
        run.Error.ShouldNotContain("Consumer key");
        run.Out.ShouldNotContain("ClientSecret");
        run.Out.TrimEnd().Split('\n')[^2..].Select(line => line.Split(',')[0]).ShouldBe(["next: salesforce-sync check", "then: salesforce-sync plan"]);
        var org = _scratch.Org();
        (org.Name, org.Schema, org.LoginUrl).ShouldBe(("acme", "acme", new Uri("https://login.salesforce.com")));
        org.Objects.Named.Select(o => o.Key).Order().ShouldBe(["Account", "Contact"]);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_all_that_is_missing_is_said_at_once_and_nothing_is_written()
    {
        var run = await CommandRun.OfAsync(_scratch, "init", "--flow", "JwtBearer");
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.Select(line => line.Split(": give")[0].Split(": name")[0]).ShouldBe(
            ["--org-name: (missing)", "--login-url: (missing)", "--client-id: (missing)", "--key-file: (missing)", "--username: (missing)", "--postgres: (missing)"]);
        // A program that reads the document does not answer, and a person may go away.
        using var person = new StringReader("acme\n");
        (await CommandRun.OfAsync(_scratch, person, "init", "--json")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("--org-name: (missing)"));
        (await CommandRun.OfAsync(_scratch, person, "init")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Error.ShouldContain("--login-url: (missing)"));
        File.Exists(_scratch.Path("appsettings.json")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("--org-name", "Acme", "--org-name: Acme: name the org with a lower-case letter")]
    [InlineData("--org-name", "a\n}", "--org-name: ")]
    [InlineData("--org-name", "a:b", "--org-name: ")]
    [InlineData("--flow", "Magic", "--flow: Magic: give one of ClientCredentials")]
    [InlineData("--flow", "RefreshToken", "--flow: ")]
    [InlineData("--login-url", "acme.my.salesforce.com", "--login-url: acme.my.salesforce.com: give https://host")]
    [InlineData("--login-url", "https://u:CANARY@acme.my.salesforce.com", "--login-url: ***: take user and password out")]
    [InlineData("--login-url", "sandbox", "--login-url: sandbox: only the My Domain host answers")]
    [InlineData("--username", "sync@acme.example", "--username: ***: does not belong to the flow ClientCredentials")]
    [InlineData("--postgres", "postgres://sync:CANARY@db/copy", "--postgres: ***: is no Npgsql connection string")]
    [InlineData("--postgres", "Host=db;Password=CANARY", "--postgres: ***: leave the password out")]
    [InlineData("--postgres", "Username=sync", "--postgres: ***: names no Host")]
    [InlineData("--schema", "public", "--schema: public: is taken")]
    [InlineData("--object", "Account Name!", "--object: ***: is no API name of an object")]
    [InlineData("--start-from", "Middle", "--start-from: Middle: give one of Snapshot, Earliest, Latest")]
    public async Task An_answer_is_refused_in_the_words_of_the_configuration(string option, string value, string expected)
    {
        List<string> line = ["init", .. Least];
        if (line.IndexOf(option) is var at and > 0)
            line[at + 1] = value;
        else
            line.AddRange([option, value]);
        var run = await CommandRun.OfAsync(_scratch, [.. line]);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.First().ShouldStartWith(expected);
        (run.Out + run.Error).ShouldNotContain("CANARY");
        Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_scratch.Path("x"))!).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_only_when_that_is_said()
    {
        _scratch.Json("appsettings.json", "{ \"Http\": { \"Port\": 1 } }");
        var run = await CommandRun.OfAsync(_scratch, ["init", .. Least]);
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldEndWith("is there already; add --yes to replace it, or name another file");
        File.ReadAllText(_scratch.Path("appsettings.json")).ShouldContain("\"Port\": 1 ");
        run = await CommandRun.OfAsync(_scratch, ["init", .. Least, "--yes", "--json"]);
        run.ExitCode.ShouldBe(0, run.Error);
        run.Json.GetProperty("org").GetString().ShouldBe("acme");
        run.Json.GetProperty("file").GetString().ShouldBe(_scratch.Path("appsettings.json"));
        run.Json.GetProperty("secrets").EnumerateArray().Select(s => s.GetProperty("variable").GetString())
            .ShouldBe(["ConnectionStrings__Postgres", "Orgs__acme__Auth__ClientSecret", "Http__Token"]);
        run.Json.GetProperty("next").EnumerateArray().Select(n => n.GetString()).ShouldBe(["salesforce-sync check", "salesforce-sync plan"]);
        File.ReadAllText(_scratch.Path("appsettings.json")).ShouldNotContain("\"Port\": 1,");
        (await CommandRun.OfAsync(_scratch, ["init", .. Least, "--output", "nowhere/x.json"])).ShouldSatisfyAllConditions(
            r => r.ExitCode.ShouldBe(1), r => r.Error.ShouldContain("cannot be written"));
        (await CommandRun.OfAsync(_scratch, ["init", .. Least, "--output", "other.json"])).Out.ShouldContain("next: salesforce-sync check --config other.json,");
    }

    private async Task WritesAsync(params string[] options)
    {
        var run = await CommandRun.OfAsync(_scratch, ["init", .. options]);
        run.ExitCode.ShouldBe(0, run.Error);
        run.Error.ShouldBeEmpty();
    }

    private void GiveSecrets() => _scratch.Variable("ConnectionStrings__Postgres", $"{Postgres};Password=told").SecretFile("Orgs__acme__Auth__ClientSecret", "told\n");

    private string KeyFile()
    {
        using var rsa = RSA.Create(1024);
        File.WriteAllText(_scratch.Path("key.pem"), rsa.ExportRSAPrivateKeyPem());
        return _scratch.Path("key.pem");
    }

    [GeneratedRegex("^( *)//(?=\")", RegexOptions.Multiline)]
    private static partial Regex Slashes();
}
