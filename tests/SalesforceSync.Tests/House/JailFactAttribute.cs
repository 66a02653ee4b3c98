using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.House;

/// <summary>A test that runs the published program as a container would: needs <c>script/build</c>, root and Postgres; fails without them in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class JailFactAttribute : FactAttribute
{
    public JailFactAttribute() => Skip = Jail.SkipReason ?? PostgresFixture.SkipReason ?? new PublishedFactAttribute().Skip;
}
