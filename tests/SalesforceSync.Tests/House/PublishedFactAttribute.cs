namespace SalesforceSync.Tests.House;

/// <summary>A test of what <c>script/build</c> leaves: skipped by name where nothing was built, failing there in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedFactAttribute : FactAttribute
{
    public PublishedFactAttribute() => Skip = Repository.IsCi || File.Exists(Path.Combine(Repository.Published, "salesforce-sync")) ? null : "run script/build first";
}
