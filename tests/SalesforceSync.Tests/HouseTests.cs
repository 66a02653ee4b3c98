namespace SalesforceSync.Tests;

public class HouseTests
{
    [Fact]
    public void Protocol_project_knows_nothing_of_the_product()
    {
        var references = typeof(Eventbus.V1.FetchRequest).Assembly.GetReferencedAssemblies().Select(a => a.Name);
        references.ShouldNotContain("salesforce-sync");
        references.ShouldNotContain("SalesforceSync.Simulator");
    }
}
