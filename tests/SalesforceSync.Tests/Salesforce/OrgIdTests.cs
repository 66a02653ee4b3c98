using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

public class OrgIdTests
{
    [Theory]
    [InlineData("https://login.salesforce.com/id/00Dxx0000001gERAAY/005xx000001SwiUAAS", "00Dxx0000001gERAAY")]
    [InlineData("https://login.salesforce.com/id/00Dxx0000001gER/005xx000001SwiU", "00Dxx0000001gEREAY")]
    [InlineData("https://login.salesforce.com/", null)]
    [InlineData(null, null)]
    public void The_identity_url_names_the_org(string? url, string? expected) => (OrgId.FromIdentityUrl(url)?.ToString()).ShouldBe(expected);

    [Theory]
    [InlineData("00Dxx0000001gERAAY!AQ4AQ", "00Dxx0000001gERAAY")]
    [InlineData("opaque", null)]
    [InlineData("!x", null)]
    public void The_token_names_the_org_where_nothing_else_does(string token, string? expected) => (OrgId.FromToken(token)?.ToString()).ShouldBe(expected);

    [Theory]
    [InlineData("core/prod/00Dxx0000001gERAAY", "00Dxx0000001gERAAY")]
    [InlineData("00Dxx0000001gERAAY", "00Dxx0000001gERAAY")]
    [InlineData("", null)]
    public void The_tenant_of_a_topic_names_the_org(string tenant, string? expected) => (OrgId.FromTenant(tenant)?.ToString()).ShouldBe(expected);
}
