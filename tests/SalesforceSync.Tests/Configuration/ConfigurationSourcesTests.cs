using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

public class ConfigurationSourcesTests
{
    [Fact]
    public void Defaults_are_those_of_the_documented_table()
    {
        using var scratch = ScratchConfiguration.Valid();
        var org = scratch.Org();
        org.PubSubEndpoint.ShouldBe(new Uri("https://api.pubsub.salesforce.com:7443"));
        org.ApiVersion.ShouldBe("66.0");
        org.Channels.ShouldBe(["/data/ChangeEvents"]);
        org.StartFrom.ShouldBe(StartFrom.Snapshot);
        org.OnLostReplayId.ShouldBe(LostReplayIdPolicy.Repair);
        org.Schema.ShouldBe("acme");
        org.QuietPeriod.ShouldBe(TimeSpan.FromMilliseconds(50));
        org.SilenceAfter.ShouldBe(TimeSpan.FromMinutes(5));
        org.EventRetention.ShouldBe(TimeSpan.FromDays(7));
        org.Objects.For("Account").ShouldBe(ObjectOptions.Default);
        org.Auth.ShouldBe(new SignInFlow.ClientCredentials("CANARY-id", new Secret("CANARY-secret")));
        scratch.Options().Http.Port.ShouldBe(8080);
    }

    [Fact]
    public void A_later_source_wins_over_an_earlier_one()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Org().ApiVersion.ShouldBe("66.0");
        scratch.Json("more.json", """{ "Orgs": { "acme": { "ApiVersion": "61.0", "Schema": "from_file", "Auth": { "ClientSecret": "file" } } } }""").Config("more.json");
        scratch.Org().ApiVersion.ShouldBe("61.0");
        scratch.SecretFile("Orgs__acme__Schema", "from_secrets\n").SecretFile("Orgs__acme__Auth__ClientSecret", "s3cret \n");
        scratch.Org().Schema.ShouldBe("from_secrets");
        scratch.Org().Auth.ShouldBe(new SignInFlow.ClientCredentials("CANARY-id", new Secret("s3cret ")));
        scratch.Variable("Orgs__acme__Schema", "from_environment");
        scratch.Org().Schema.ShouldBe("from_environment");
        scratch.Org().ApiVersion.ShouldBe("61.0");
    }

    [Fact]
    public void Environment_alone_is_enough()
    {
        using var scratch = new ScratchConfiguration();
        scratch.Variable("ConnectionStrings__Postgres", "Host=127.0.0.1;Database=x")
            .Variable("Orgs__acme__LoginUrl", "http://127.0.0.1:8123/")
            .Variable("Orgs__acme__PubSubEndpoint", "http://127.0.0.1:8124")
            .Variable("Orgs__acme__Auth__ClientId", "id")
            .Variable("Orgs__acme__Auth__ClientSecret", "secret")
            .Variable("Orgs__acme__StartFrom", "Earliest");
        scratch.Org().LoginUrl.ShouldBe(new Uri("http://127.0.0.1:8123"));
    }

    [Fact]
    public void Other_files_among_the_secrets_are_not_even_opened()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.SecretFile("tls.key", "not ours").SecretFile("orgs", "not ours").SecretFile("Orgs__acme__Schema", "mine");
        scratch.Org().Schema.ShouldBe("mine");
        if (OperatingSystem.IsWindows())
            return;
        Directory.CreateSymbolicLink(scratch.Path("secrets/..data"), scratch.Path("."));
        File.CreateSymbolicLink(scratch.Path("secrets/dangling"), scratch.Path("nowhere"));
        scratch.Org().Schema.ShouldBe("mine");
        File.CreateSymbolicLink(scratch.Path("secrets/Orgs__acme__ApiVersion"), scratch.Path("nowhere"));
        scratch.Faults().ShouldHaveSingleItem().ShouldStartWith($"{scratch.Path("secrets/Orgs__acme__ApiVersion")}: ***: cannot be read");
    }

    [Fact]
    public void A_list_that_is_given_replaces_the_default_and_any_earlier_list_whole()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Json("more.json", """{ "Orgs": { "acme": { "Channels": ["/data/AccountChangeEvent", "/data/ContactChangeEvent", "/data/LeadChangeEvent"] } } }""")
            .Config("more.json");
        scratch.Org().Channels.ShouldBe(["/data/AccountChangeEvent", "/data/ContactChangeEvent", "/data/LeadChangeEvent"]);
        scratch.Variable("Orgs__acme__Channels__0", "/data/CaseChangeEvent");
        scratch.Org().Channels.ShouldBe(["/data/CaseChangeEvent"]);
    }

    [Fact]
    public void A_list_of_more_than_ten_keeps_its_order()
    {
        using var scratch = ScratchConfiguration.Valid();
        var channels = Enumerable.Range(0, 12).Select(i => $"/data/Object{i}__ChangeEvent").ToArray();
        scratch.Json("more.json", new { Orgs = new { acme = new { Channels = channels } } }).Config("more.json");
        scratch.Org().Channels.ShouldBe(channels);
    }

    [Fact]
    public void Objects_are_found_without_case_and_stand_alone()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Json("more.json", """
            { "Orgs": { "acme": { "Objects": {
              "*": { "Include": false }, "Account": { "Fields": ["Name", "BillingCity"], "Deletes": "hard" },
              "Lead": { "Exclude": ["Email"] }, "Case": {} } } } }
            """).Config("more.json");
        var objects = scratch.Org().Objects;
        objects.For("Contact").Include.ShouldBeFalse();
        objects.For("ACCOUNT").Include.ShouldBeTrue();
        objects.For("Account").Deletes.ShouldBe(DeletePolicy.Hard);
        objects.For("Account").Copies("name").ShouldBeTrue();
        objects.For("Account").Copies("Industry").ShouldBeFalse();
        objects.For("Lead").Copies("EMAIL").ShouldBeFalse();
        objects.For("Lead").Copies("Company").ShouldBeTrue();
        objects.For("Case").Include.ShouldBeTrue();
        objects.Named.Select(e => e.Key).Order().ShouldBe(["Account", "Case", "Lead"]);
    }

    [Fact]
    public void A_verb_that_needs_one_part_is_not_stopped_by_faults_in_another()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Variable("Orgs__acme__ApiVersion", "nonsense").Variable("Http__Port", "9000");
        var configuration = new SyncConfiguration(scratch.Sources());
        configuration.ReadHttp().Port.ShouldBe(9000);
        configuration.ReadPostgres().ShouldNotBeNull();
        configuration.Faults.ShouldBeEmpty();
    }
}
