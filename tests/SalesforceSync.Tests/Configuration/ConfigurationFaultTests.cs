using System.Security.Cryptography;
using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

public class ConfigurationFaultTests
{
    [Theory]
    // URLs
    [InlineData("Orgs__acme__LoginUrl", "acme.my.salesforce.com", "Orgs:acme:LoginUrl: acme.my.salesforce.com: give https://host")]
    [InlineData("Orgs__acme__LoginUrl", "http://acme.my.salesforce.com", "Orgs:acme:LoginUrl: http://acme.my.salesforce.com: give https://; http://")]
    [InlineData("Orgs__acme__LoginUrl", "http://10.0.0.1", "Orgs:acme:LoginUrl: http://10.0.0.1: give https://; http://")]
    [InlineData("Orgs__acme__LoginUrl", "https://u:CANARY-p@acme.my.salesforce.com", "Orgs:acme:LoginUrl: ***: take user and password out")]
    [InlineData("Orgs__acme__LoginUrl", "https://acme.my.salesforce.com?x=1", "Orgs:acme:LoginUrl: https://acme.my.salesforce.com?x=1: give the URL without")]
    [InlineData("Orgs__acme__LoginUrl", "", "Orgs:acme:LoginUrl: (missing): give the My Domain URL")]
    [InlineData("Orgs__acme__PubSubEndpoint", "http://localhost.evil.example", "Orgs:acme:PubSubEndpoint: http://localhost.evil.example: give https://; http://")]
    [InlineData("Orgs__acme__PubSubEndpoint", "https://host:1/path", "Orgs:acme:PubSubEndpoint: https://host:1/path: give https://host:port without a path")]
    // words, numbers, times
    [InlineData("Orgs__acme__ApiVersion", "66", "Orgs:acme:ApiVersion: 66: give a version such as 66.0")]
    [InlineData("Orgs__acme__StartFrom", "Middle", "Orgs:acme:StartFrom: Middle: give one of Snapshot, Earliest, Latest")]
    [InlineData("Orgs__acme__StartFrom", "0", "Orgs:acme:StartFrom: 0: give one of Snapshot, Earliest, Latest")]
    [InlineData("Orgs__acme__OnLostReplayId", "Ignore", "Orgs:acme:OnLostReplayId: Ignore: give one of Repair, Earliest, Latest, Stop")]
    [InlineData("Orgs__acme__QuietPeriod", "00:00:00", "Orgs:acme:QuietPeriod: 00:00:00: give [days.]hh:mm:ss[.fraction] from 00:00:00.0010000 to 00:01:00")]
    [InlineData("Orgs__acme__QuietPeriod", "50", "Orgs:acme:QuietPeriod: 50: give [days.]hh:mm:ss")]
    [InlineData("Orgs__acme__SilenceAfter", "24:00:00", "Orgs:acme:SilenceAfter: 24:00:00: give [days.]hh:mm:ss")]
    [InlineData("Orgs__acme__SilenceAfter", "00:00:00.5", "Orgs:acme:SilenceAfter: 00:00:00.5: give [days.]hh:mm:ss")]
    [InlineData("Orgs__acme__EventRetention", "23:59:59", "Orgs:acme:EventRetention: 23:59:59: give [days.]hh:mm:ss")]
    [InlineData("Http__Port", "65536", "Http:Port: 65536: give a number from 0 to 65535")]
    [InlineData("Http__Port", "-1", "Http:Port: -1: give a number")]
    [InlineData("Orgs__acme__ApiBudget__CallsPerMonth", "0", "Orgs:acme:ApiBudget:CallsPerMonth: 0: give a number from 1 to 1000000000")]
    [InlineData("Orgs__acme__ApiBudget__CallsPerMonth", "10,000", "Orgs:acme:ApiBudget:CallsPerMonth: 10,000: give a number from 1")]
    [InlineData("Orgs__acme__ApiBudget__ReservePercent", "91", "Orgs:acme:ApiBudget:ReservePercent: 91: give a number from 0 to 90")]
    [InlineData("Orgs__acme__ApiBudget__CallPerMonth", "1", "Orgs:acme:ApiBudget:CallPerMonth: ***: is no key of this program; did you mean CallsPerMonth?")]
    [InlineData("Orgs__acme__ApiBudget", "10000", "Orgs:acme:ApiBudget: ***: is a section; give the keys below it")]
    [InlineData("Orgs__acme__DeliveredEventsPerDay", "-1", "Orgs:acme:DeliveredEventsPerDay: -1: give a number from 1 to 2000000000")]
    // channels
    [InlineData("Orgs__acme__Channels", "/data/ChangeEvents", "Orgs:acme:Channels: /data/ChangeEvents: give a list of at least one: Orgs:acme:Channels:0")]
    [InlineData("Orgs__acme__Channels__0", "/topic/Account", "Orgs:acme:Channels:0: /topic/Account: give a channel such as")]
    [InlineData("Orgs__acme__Channels__first", "/data/ChangeEvents", "Orgs:acme:Channels:first: ***: Channels is a list of texts, numbered from 0")]
    // schema
    [InlineData("Orgs__acme__Schema", "public", "Orgs:acme:Schema: public: is taken")]
    [InlineData("Orgs__acme__Schema", "salesforce_sync", "Orgs:acme:Schema: salesforce_sync: is taken")]
    [InlineData("Orgs__acme__Schema", "salesforce_sync_image", "Orgs:acme:Schema: salesforce_sync_image: is taken")]
    [InlineData("Orgs__acme__Schema", "pg_acme", "Orgs:acme:Schema: pg_acme: is taken")]
    [InlineData("Orgs__acme__Schema", "Acme", "Orgs:acme:Schema: Acme: give a lower-case letter")]
    [InlineData("Orgs__acme__Schema", "a\"; drop", "Orgs:acme:Schema: a\"; drop: give a lower-case letter")]
    // sign-in
    [InlineData("Orgs__acme__Auth__ClientId", "", "Orgs:acme:Auth:ClientId: (missing): give the consumer key")]
    [InlineData("Orgs__acme__Auth__ClientSecret", "", "Orgs:acme:Auth:ClientSecret: (missing): give the consumer secret")]
    [InlineData("Orgs__acme__Auth__Flow", "Magic", "Orgs:acme:Auth:Flow: Magic: give one of ClientCredentials, JwtBearer, RefreshToken, Password, AccessToken")]
    [InlineData("Orgs__acme__Auth__Username", "u", "Orgs:acme:Auth:Username: ***: does not belong to the flow ClientCredentials")]
    [InlineData("Orgs__acme__Auth__Flow", "RefreshToken", "Orgs:acme:Auth:RefreshToken: (missing): give the refresh token")]
    // Postgres
    [InlineData("ConnectionStrings__Postgres", "", "ConnectionStrings:Postgres: (missing): give an Npgsql connection string")]
    [InlineData("ConnectionStrings__Postgres", "postgres://u:CANARY-p@host/db", "ConnectionStrings:Postgres: ***: is no Npgsql connection string")]
    [InlineData("ConnectionStrings__Postgres", "Host=h;CANARY-p=1", "ConnectionStrings:Postgres: ***: is no Npgsql connection string")]
    [InlineData("ConnectionStrings__Postgres", "Host=h;Port=CANARY-p", "ConnectionStrings:Postgres: ***: is no Npgsql connection string")]
    [InlineData("ConnectionStrings__Postgres", "Database=h", "ConnectionStrings:Postgres: ***: names no Host")]
    [InlineData("ConnectionStrings__Postgres", "Host=h;Include Error Detail=true", "ConnectionStrings:Postgres: ***: take Include Error Detail out")]
    [InlineData("ConnectionStrings__Other", "CANARY-p", "ConnectionStrings:Other: ***: is no key of this program")]
    // objects
    [InlineData("Orgs__acme__Objects__Account__Include", "yes", "Orgs:acme:Objects:Account:Include: yes: give true or false")]
    [InlineData("Orgs__acme__Objects__Account__Deletes", "Maybe", "Orgs:acme:Objects:Account:Deletes: Maybe: give one of Soft, Hard")]
    [InlineData("Orgs__acme__Objects__Account__Mask__Name", "Hash", "Orgs:acme:MaskKey: (missing): Objects:Account:Mask:Name is Hash, which needs a key: give a secret of at least 32 bytes")]
    [InlineData("Orgs__acme__Objects__Account__Mask__Name", "Hide", "Orgs:acme:Objects:Account:Mask:Name: Hide: give one of Drop, Hash, Redact")]
    [InlineData("Orgs__acme__Objects__Account__Mask__Name", "", "Orgs:acme:Objects:Account:Mask:Name: (missing): give one of Drop, Hash, Redact")]
    [InlineData("Orgs__acme__Objects__Account__Mask__lastmodifieddate", "Redact", "Orgs:acme:Objects:Account:Mask:lastmodifieddate: Redact: the copy itself needs this field")]
    [InlineData("Orgs__acme__Objects__Account__Mask__a b", "Redact", "Orgs:acme:Objects:Account:Mask:a b: ***: is no API name of a field")]
    [InlineData("Orgs__acme__Objects__Account__Mask__BillingAddress.Street", "Redact", "Orgs:acme:Objects:Account:Mask:BillingAddress.Street: Redact: name a part as REST does")]
    [InlineData("Orgs__acme__Objects__Account__Mask", "Redact", "Orgs:acme:Objects:Account:Mask: ***: is a section; give the keys below it")]
    [InlineData("Orgs__acme__Objects__*__Mask__Email", "Redact", "Orgs:acme:Objects:*:Mask:Email: Redact: name fields under their object, not under *")]
    [InlineData("Orgs__acme__MaskKey", "CANARY-of-31-bytes-is-too-short", "Orgs:acme:MaskKey: ***: give a secret of at least 32 bytes")]
    [InlineData("Orgs__acme__Objects__Account__Fields__0", "a b", "Orgs:acme:Objects:Account:Fields:0: a b: is no API name of a field")]
    [InlineData("Orgs__acme__Objects__Account__Fields__0", "BillingAddress.City", "Orgs:acme:Objects:Account:Fields:0: BillingAddress.City: name a part as REST does")]
    [InlineData("Orgs__acme__Objects__Account__Exclude__0", "Name.FirstName", "Orgs:acme:Objects:Account:Exclude:0: Name.FirstName: name a part as REST does")]
    [InlineData("Orgs__acme__Objects__Account__Fields", "Name", "Orgs:acme:Objects:Account:Fields: Name: give a list of at least one")]
    [InlineData("Orgs__acme__Objects__*__Exclude__0", "Name", "Orgs:acme:Objects:*:Exclude: Name: name fields under their object")]
    [InlineData("Orgs__acme__Objects__My Object__Include", "true", "Orgs:acme:Objects:My Object: ***: is no API name of an object")]
    [InlineData("Orgs__acme__Sweep", "weekly", "Orgs:acme:Sweep: weekly: give five fields, minute hour day month weekday, such as 30 2 * * *, or off")]
    [InlineData("Orgs__acme__Sweep", "0 25 * * *", "Orgs:acme:Sweep: 0 25 * * *: 25 is no hour: give five fields")]
    [InlineData("Orgs__acme__Formulas", "Never", "Orgs:acme:Formulas: Never: give one of Omit, Refresh")]
    // what does not exist yet
    [InlineData("Orgs__acme__SchemaChanges", "Ignore", "Orgs:acme:SchemaChanges: Ignore: give one of Apply, Additive, Pause")]
    [InlineData("Http__Token", "CANARY-t", "Http:Token: ***: give at least 16 letters, digits or signs without a space, as `openssl rand -hex 32` makes them")]
    [InlineData("Telemetry__OtlpEndpoint", "http://collector.example:4317", "Telemetry:OtlpEndpoint: http://collector.example:4317: give https://; http:// is for loopback addresses only")]
    [InlineData("Telemetry__OtlpOverHttp", "perhaps", "Telemetry:OtlpOverHttp: perhaps: give true or false")]
    [InlineData("Telemetry__TraceRatio", "1.5", "Telemetry:TraceRatio: 1.5: give a number from 0 to 1, such as 0.01")]
    [InlineData("Telemetry__TraceRatio", "-0.1", "Telemetry:TraceRatio: -0.1: give a number from 0 to 1, such as 0.01")]
    [InlineData("Telemetry__TraceRatio", "1%", "Telemetry:TraceRatio: 1%: give a number from 0 to 1, such as 0.01")]
    [InlineData("Telemetry__TraceRatio", "NaN", "Telemetry:TraceRatio: NaN: give a number from 0 to 1, such as 0.01")]
    // unknown keys, sections and values mixed up
    [InlineData("Orgs__acme__Chanels__0", "/data/ChangeEvents", "Orgs:acme:Chanels: ***: is no key of this program; did you mean Channels?")]
    [InlineData("Orgs__acme__Auth__ClientSecert", "CANARY-p", "Orgs:acme:Auth:ClientSecert: ***: is no key of this program; did you mean ClientSecret?")]
    [InlineData("Orgs__acme__ClientSecret", "CANARY-p", "Orgs:acme:ClientSecret: ***: is no key of this program")]
    [InlineData("Http__Prot", "1", "Http:Prot: ***: is no key of this program; did you mean Port?")]
    [InlineData("Orgs__acme__Auth", "CANARY-p", "Orgs:acme:Auth: ***: is a section; give the keys below it")]
    [InlineData("Http", "CANARY-p", "Http: ***: is a section; give the keys below it")]
    [InlineData("Orgs__acme__LoginUrl__x", "CANARY-p", "Orgs:acme:LoginUrl:x: ***: LoginUrl takes one value, nothing below it")]
    [InlineData("Orgs__acme__ApiVersion", "66.0\nevil", "Orgs:acme:ApiVersion: 66.0\\u000aevil: holds a control character")]
    public void A_fault_says_key_value_and_remedy(string variable, string value, string expected)
    {
        using var scratch = ScratchConfiguration.Valid().Variable(variable, value);
        var faults = scratch.Faults();
        faults.ShouldContain(f => f.StartsWith(expected, StringComparison.Ordinal), string.Join('\n', faults));
        faults.ShouldAllBe(f => !f.Contains("CANARY", StringComparison.Ordinal) && !f.Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void Masks_and_their_key_are_read_wherever_they_stand()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__acme__Objects__ns__Invoice__c__Mask__Foo__c", "hash").SecretFile("Orgs__acme__MaskKey", "CANARY-key-of-thirty-two-bytes-xx\n");
        scratch.Json("more.json", """{ "Orgs": { "acme": { "Objects": { "Contact": { "Mask": { "BillingAddress": "Drop", "Name": "Redact" } } } } } }""").Config("more.json");
        var org = scratch.Org();
        org.Objects.For("NS__invoice__c").Mask["foo__C"].ShouldBe(FieldMask.Hash);
        org.Objects.For("Contact").Mask.Select(m => $"{m.Key} {m.Value}").Order().ShouldBe(["BillingAddress Drop", "Name Redact"]);
        (org.MaskKey?.Reveal, org.MaskKey?.ToString(), $"{org}".Contains("CANARY-key", StringComparison.Ordinal)).ShouldBe(("CANARY-key-of-thirty-two-bytes-xx", "***", false));
    }

    [Fact]
    public void All_faults_show_at_once()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__acme__ApiVersion", "x").Variable("Orgs__acme__Auth__ClientId", "")
            .Variable("Http__Port", "x").Variable("Orgs__Big__LoginUrl", "http://evil").Variable("ConnectionStrings__Postgres", "");
        var faults = scratch.Faults();
        foreach (var key in new[] { "Orgs:acme:ApiVersion:", "Orgs:acme:Auth:ClientId:", "Http:Port:", "Orgs:Big:Name:", "Orgs:Big:LoginUrl:", "ConnectionStrings:Postgres:" })
            faults.ShouldContain(f => f.StartsWith(key, StringComparison.Ordinal), string.Join('\n', faults));
    }

    [Fact]
    public void Nothing_configured_names_what_is_required()
    {
        using var scratch = new ScratchConfiguration();
        scratch.Faults().ShouldBe([
            "ConnectionStrings:Postgres: (missing): give an Npgsql connection string: Host=...;Username=...;Password=...;Database=...",
            "Orgs: (missing): name at least one org, e.g. Orgs:acme:LoginUrl"]);
    }

    [Theory]
    [InlineData("""["/data/ChangeEvents", "/data/AccountChangeEvent"]""", "Orgs:acme:Channels:1: /data/AccountChangeEvent: its object comes over /data/ChangeEvents already")]
    [InlineData("""["/data/Invoice__ChangeEvent", "/data/ChangeEvents"]""", "Orgs:acme:Channels:0: /data/Invoice__ChangeEvent: its object comes")]
    [InlineData("""["/data/AccountChangeEvent", "/data/AccountChangeEvent"]""", "Orgs:acme:Channels:1: /data/AccountChangeEvent: stands in the list twice")]
    [InlineData("[]", "Orgs:acme:Channels: []: give a list of at least one")]
    public void An_object_over_two_channels_is_refused(string channels, string expected)
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Json("more.json", $$"""{ "Orgs": { "acme": { "Channels": {{channels}} } } }""").Config("more.json");
        scratch.Faults().ShouldHaveSingleItem().ShouldStartWith(expected);
    }

    [Fact]
    public void Two_orgs_may_not_share_a_schema()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__beta__LoginUrl", "https://beta.my.salesforce.com")
            .Variable("Orgs__beta__Auth__ClientId", "i").Variable("Orgs__beta__Auth__ClientSecret", "s").Variable("Orgs__beta__Schema", "acme");
        scratch.Faults().ShouldHaveSingleItem().ShouldBe("Orgs:beta:Schema: acme: belongs to the org acme already; give each org its own");
    }

    [Theory]
    [InlineData("{ \"Orgs\": ", "line 1: is not JSON")]
    [InlineData("[1]", "***: is not one JSON object")]
    [InlineData("""{ "Http": { "Port": 1, "port": 2 } }""", "***: is not one JSON object with each key once")]
    public void A_file_that_is_not_JSON_is_named(string content, string expected)
    {
        using var scratch = ScratchConfiguration.Valid().Json("more.json", content).Config("more.json");
        scratch.Faults().ShouldHaveSingleItem().ShouldStartWith($"{scratch.Path("more.json")}: {expected}");
    }

    [Fact]
    public void A_config_file_that_is_named_must_exist()
    {
        using var scratch = ScratchConfiguration.Valid().Config("nowhere.json");
        scratch.Faults().ShouldHaveSingleItem().ShouldBe($"--config: {scratch.Path("nowhere.json")}: there is no such file; name one that exists");
    }

    [Fact]
    public void A_private_key_must_be_a_readable_RSA_key()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__acme__Auth__Flow", "jwtbearer").Variable("Orgs__acme__Auth__Username", "u")
            .Variable("Orgs__acme__Auth__ClientSecret", "").Variable("Orgs__acme__Auth__PrivateKeyFile", scratch_key());
        scratch.Faults().ShouldHaveSingleItem().ShouldContain("cannot be read");
        using var rsa = RSA.Create(2048);
        File.WriteAllText(scratch.Path("key.pem"), rsa.ExportSubjectPublicKeyInfoPem());
        scratch.Variable("Orgs__acme__Auth__PrivateKeyFile", scratch.Path("key.pem"));
        scratch.Faults().ShouldHaveSingleItem().ShouldContain("is no RSA private key in PEM");
        File.WriteAllText(scratch.Path("key.pem"), rsa.ExportPkcs8PrivateKeyPem());
        scratch.Org().Auth.ShouldBe(new SignInFlow.JwtBearer("CANARY-id", "u", scratch.Path("key.pem")));

        static string scratch_key() => Path.Combine(Path.GetTempPath(), "no-such-key.pem");
    }

    [Fact]
    public void An_access_token_needs_no_login_but_its_org()
    {
        using var scratch = new ScratchConfiguration().Variable("ConnectionStrings__Postgres", "Host=h").Variable("Orgs__acme__Auth__Flow", "AccessToken")
            .Variable("Orgs__acme__Auth__AccessToken", "CANARY-t").Variable("Orgs__acme__Auth__InstanceUrl", "http://example.com").Variable("Orgs__acme__Auth__TenantId", "00D");
        scratch.Faults().ShouldBe([
            "Orgs:acme:Auth:InstanceUrl: http://example.com: give https://; http:// is for loopback addresses only",
            "Orgs:acme:Auth:TenantId: 00D: give the org id, 15 or 18 letters and digits"]);
        scratch.Variable("Orgs__acme__Auth__InstanceUrl", "https://example.com").Variable("Orgs__acme__Auth__TenantId", "00D000000000001AAA");
        scratch.Org().LoginUrl.ShouldBeNull();
    }

    [Fact]
    public void No_option_prints_a_secret()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Options().ToString().ShouldNotContain("CANARY-pg");
        scratch.Org().ToString().ShouldNotContain("CANARY-secret");
        System.Text.Json.JsonSerializer.Serialize(new { scratch.Org().Name }).ShouldNotContain("CANARY");
    }
}
