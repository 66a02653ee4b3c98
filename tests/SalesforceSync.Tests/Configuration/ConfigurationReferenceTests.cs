using SalesforceSync.Configuration;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Configuration;

/// <summary>The readers are listened to, so that docs/configuration.md cannot say what they do not do.</summary>
public class ConfigurationReferenceTests
{
    [Fact]
    public void Every_key_that_is_read_is_told_and_every_key_that_is_told_is_read()
    {
        var told = ConfigurationKeys.All.Where(k => !k.IsForeign).Select(k => k.Path).ToList();
        told.ShouldBeUnique();
        Asked().Keys.Order(StringComparer.Ordinal).ShouldBe(told.Order(StringComparer.Ordinal), "ConfigurationKeys.All lacks a key or has one too many");
    }

    [Fact]
    public void The_page_is_the_one_the_code_makes()
    {
        var made = new ConfigurationReference(Asked()).Text();
        var copy = Path.Combine(AppContext.BaseDirectory, "configuration.md");
        File.WriteAllText(copy, made);
        var there = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));
        string.Equals(there, made, StringComparison.Ordinal).ShouldBeTrue($"docs/configuration.md is another: look at {copy}, and copy it over if it is meant");
    }

    /// <summary>What a default says that looks as it would be written is what holds when the key is given so, and changes nothing.</summary>
    [Fact]
    public void Giving_the_default_that_is_told_changes_nothing()
    {
        using var scratch = ScratchConfiguration.Valid();
        var (before, objects) = (Shown(scratch.Options()), scratch.Org().Objects.For("Account"));
        foreach (var key in ConfigurationKeys.All.Where(k => k.Written is not null))
        {
            var written = key.Written!.Trim('"');
            var name = key.Path.Replace(ConfigurationKey.Org, "acme", StringComparison.Ordinal).Replace(ConfigurationKey.Object, "Account", StringComparison.Ordinal).Replace(":", "__", StringComparison.Ordinal);
            if (written.StartsWith('['))
                scratch.Variable($"{name}__0", written.Trim('[', ']', '"'));
            else
                scratch.Variable(name, written);
        }
        Shown(scratch.Options()).ShouldBe(before);
        scratch.Org().Objects.For("Account").ToString().ShouldBe(objects.ToString());
    }

    private static string Shown(SyncOptions options)
    {
        var org = options.Orgs.ShouldHaveSingleItem();
        return $"{options.Http} {options.Telemetry} {string.Join(' ', org.Channels)} {org with { Objects = ObjectSelection.All, Channels = [] }}";
    }

    /// <summary>By path, what a key takes.</summary>
    private static Dictionary<string, string> Asked()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__acme__Objects__Account__Include", "true").Variable("Orgs__acme__Objects__Account__Mask__Phone", "Redact");
        var asked = new List<AskedKey>();
        new SyncConfiguration(scratch.Sources(), asked.Add).ReadAll().ShouldNotBeNull();
        return asked.Distinct().ToDictionary(a => ConfigurationReference.PathOf(a.Path), a => a.Values);
    }
}
