using System.Xml.Linq;
using SalesforceSync.Cli.Checks;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Cli;

public class CheckPartsTests
{
    private static readonly XNamespace Metadata = "http://soap.sforce.com/2006/04/metadata";

    [Fact]
    public async Task What_is_deployed_is_well_formed_and_stays_in_its_folder_whatever_the_names_are()
    {
        var hostile = "../<b>&\u0001\"'__c";
        var files = MetadataFiles.Of(Org(), [new("Account", null, ["Industry", "Spot__Latitude__s"]), new(hostile, null, [hostile]), new("User", null, [])]);
        var folder = Directory.CreateTempSubdirectory("metadata").FullName;
        try
        {
            await MetadataFiles.WriteAsync(Path.Combine(folder, "out"), files, CancellationToken.None);
            var written = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToArray();
            written.Length.ShouldBe(5);
            written.ShouldAllBe(file => file.StartsWith(Path.Combine(folder, "out")));
            foreach (var file in written)
                XDocument.Load(file).Root!.Name.Namespace.ShouldBe(Metadata);
            var permissions = XDocument.Load(Path.Combine(folder, "out/permissionsets/SalesforceSync.permissionset")).Root!;
            permissions.Descendants(Metadata + "field").Select(f => f.Value).ShouldBe(["../<b>&\uFFFD\"'__c.../<b>&\uFFFD\"'__c", "Account.Industry", "Account.Spot__c"], ignoreOrder: true);
            permissions.Descendants(Metadata + "object").Select(f => f.Value).ShouldBe(["../<b>&\uFFFD\"'__c", "Account"]);
            permissions.Elements(Metadata + "userPermissions").Select(p => p.Element(Metadata + "name")!.Value).ShouldBe(["ApiEnabled", "ViewAllUsers", "ViewSetup"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Members_name_the_channel_that_is_configured_and_the_standard_one_for_objects_with_a_channel_of_their_own()
    {
        var org = Org() with { Channels = ["/data/Sales__chn", "/data/Invoice__ChangeEvent"] };
        MetadataFiles.Of(org, [new("Account", null, []), new("Invoice__c", null, [])]).Select(f => f.Path).ShouldBe(
        [
            "package.xml", "permissionsets/SalesforceSync.permissionset", "platformEventChannelMembers/Sales_chn_AccountChangeEvent.platformEventChannelMember",
            "platformEventChannelMembers/ChangeEvents_Invoice_ChangeEvent.platformEventChannelMember",
        ]);
    }

    [Fact]
    public void Only_custom_fields_that_may_be_empty_and_hidden_ones_need_a_permission()
    {
        static FieldShape Field(string name, bool nillable = true, string? compound = null) => new(name, "string", compound, false, nillable, 0, 0, 0, null);
        var described = new ObjectShape("Account", "001", true, true, [Field("Id", false), Field("Name"), Field("Own__c"), Field("Must__c", false), Field("Spot__Latitude__s", true, "Spot__c"), Field("Spot__c")]);
        var permissions = MetadataFiles.Of(Org(), [new("Account", described, ["Name", "Own__c", "Secret__c"])])[1].Content;
        permissions.Descendants(Metadata + "field").Select(f => f.Value).ShouldBe(["Account.Own__c", "Account.Secret__c", "Account.Spot__c"]);
    }

    [Theory]
    [InlineData(1, Outcome.Ok, "agrees with this machine's")]
    [InlineData(-30.5, Outcome.Warning, "Salesforce is 30.5 s behind this machine")]
    [InlineData(180, Outcome.Failed, "Salesforce is 180 s ahead of this machine")]
    public void Clocks_that_differ_are_told_before_tokens_are_refused(double seconds, object outcome, string found)
    {
        var finding = ClockCheck.OfSalesforce("acme", TimeSpan.FromSeconds(seconds));
        (finding.Outcome, finding.Found).ShouldBe(((Outcome)outcome, found));
    }

    private static OrgOptions Org() => new() { Name = "acme", LoginUrl = null, Auth = null!, Schema = "acme" };
}
