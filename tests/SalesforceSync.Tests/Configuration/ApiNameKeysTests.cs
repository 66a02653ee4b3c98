using SalesforceSync.Configuration;

namespace SalesforceSync.Tests.Configuration;

public class ApiNameKeysTests
{
    [Theory]
    [InlineData("Orgs:acme:Objects:Account:Include", "Orgs:acme:Objects:Account:Include")]
    [InlineData("Orgs:acme:Objects:*:Include", "Orgs:acme:Objects:*:Include")]
    [InlineData("Orgs:acme:Objects:Invoice:c:Include", "Orgs:acme:Objects:Invoice__c:Include")]
    [InlineData("orgs:acme:objects:invoice:C:include", "orgs:acme:objects:invoice__C:include")]
    [InlineData("Orgs:acme:Objects:ns:Invoice:c:Fields:0", "Orgs:acme:Objects:ns__Invoice__c:Fields:0")]
    [InlineData("Orgs:acme:Objects:Rate:mdt:Deletes", "Orgs:acme:Objects:Rate__mdt:Deletes")]
    [InlineData("Orgs:acme:Objects:Order:x:Exclude:12", "Orgs:acme:Objects:Order__x:Exclude:12")]
    [InlineData("Orgs:acme:Objects:Invoice:ChangeEvent:Include", "Orgs:acme:Objects:Invoice__ChangeEvent:Include")]
    [InlineData("Orgs:acme:Objects:Account:Mask:Foo:c", "Orgs:acme:Objects:Account:Mask:Foo__c")]
    [InlineData("Orgs:acme:Objects:ns:Invoice:c:Mask:ns:Foo:c", "Orgs:acme:Objects:ns__Invoice__c:Mask:ns__Foo__c")]
    [InlineData("Orgs:acme:Objects:Contact:Mask:Email", "Orgs:acme:Objects:Contact:Mask:Email")]
    [InlineData("Orgs:acme:Objects:Include:c:Include", "Orgs:acme:Objects:Include__c:Include")]
    [InlineData("Orgs:acme:Objects:ns:Mask:c:Mask:Mask:c", "Orgs:acme:Objects:ns__Mask__c:Mask:Mask__c")]
    [InlineData("Orgs:acme:Objects:Invoice:c:Mask:Mask:c", "Orgs:acme:Objects:Invoice__c:Mask:Mask__c")]
    // What is no key stays one, behind the longest name there can be.
    [InlineData("Orgs:acme:Objects:Invoice:c:Inklude", "Orgs:acme:Objects:Invoice__c:Inklude")]
    [InlineData("Orgs:acme:Objects:Account:typo:Include", "Orgs:acme:Objects:Account:typo:Include")]
    [InlineData("Orgs:acme:Objects:Invoice:c:Include:deeper", "Orgs:acme:Objects:Invoice__c:Include:deeper")]
    [InlineData("Orgs:acme:Objects:Invoice:c:Fields:first", "Orgs:acme:Objects:Invoice__c:Fields:first")]
    [InlineData("Orgs:acme:Objects:Invoice:c", "Orgs:acme:Objects:Invoice__c")]
    // Other sections have no names of the kind.
    [InlineData("Orgs:acme:Auth:Invoice:c:Include", "Orgs:acme:Auth:Invoice:c:Include")]
    [InlineData("Serilog:acme:Objects:Invoice:c", "Serilog:acme:Objects:Invoice:c")]
    [InlineData("Orgs:acme:Objects", "Orgs:acme:Objects")]
    public void Names_are_put_together_and_nothing_else(string key, string mended) => ApiNameKeys.Mend(key).ShouldBe(mended);

    [Fact]
    public void Custom_objects_are_configured_by_variables_and_secret_files()
    {
        using var scratch = ScratchConfiguration.Valid();
        scratch.Json("more.json", """{ "Orgs": { "acme": { "Objects": { "Invoice__c": { "Deletes": "Hard", "Include": true }, "ns__Order__c": { "Fields": ["Name", "Total__c"] } } } } }""")
            .Config("more.json").SecretFile("Orgs__acme__Objects__ns__Order__c__Fields__0", "Secret__c\n")
            .Variable("Orgs__acme__Objects__Invoice__c__Include", "false").Variable("Orgs__acme__Objects__Rate__mdt__Exclude__0", "Foo__c");
        var objects = scratch.Org().Objects;
        objects.For("Invoice__c").ShouldBe(new ObjectOptions { Include = false, Deletes = DeletePolicy.Hard, Exclude = objects.For("Invoice__c").Exclude });
        objects.For("ns__Order__c").Fields.ShouldNotBeNull().ShouldBe(["Secret__c"]);
        objects.For("Rate__mdt").Copies("Foo__c").ShouldBeFalse();
        objects.Named.Count().ShouldBe(3);
    }

    [Theory]
    [InlineData("Orgs__acme__Objects__Invoice__c__Inklude", "Orgs:acme:Objects:Invoice__c:Inklude: ***: is no key of this program; did you mean Include?")]
    [InlineData("Orgs__acme__Objects__Invoice__typo__Include", "Orgs:acme:Objects:Invoice:typo: ***: is no key of this program")]
    [InlineData("Orgs__acme__Objects__Invoice__c", "Orgs:acme:Objects:Invoice__c: ***: is a section")]
    public void A_key_of_a_custom_object_that_is_not_known_is_an_error(string variable, string fault)
    {
        using var scratch = ScratchConfiguration.Valid().Variable(variable, "x");
        scratch.Faults().ShouldHaveSingleItem().ShouldStartWith(fault);
    }
}
