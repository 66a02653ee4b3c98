namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>A test that needs strangers ("node", "python"): skipped by name where one is missing, and failing in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StrangerFactAttribute : FactAttribute
{
    public StrangerFactAttribute(params string[] strangers) => Skip = StrangerSkip.Reason(strangers);
}

/// <summary>As <see cref="StrangerFactAttribute"/>, for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class StrangerTheoryAttribute : TheoryAttribute
{
    public StrangerTheoryAttribute(params string[] strangers) => Skip = StrangerSkip.Reason(strangers);
}

internal static class StrangerSkip
{
    public static string? Reason(IEnumerable<string> strangers)
        => Environment.GetEnvironmentVariable("CI") == "true" ? null : strangers.Select(Stranger.WhyMissing).FirstOrDefault(reason => reason is not null);
}
