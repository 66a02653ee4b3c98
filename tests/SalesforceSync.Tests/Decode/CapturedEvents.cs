namespace SalesforceSync.Tests.Decode;

/// <summary>Real schemas and payloads, which lie beside the project and not in it: SALESFORCE_SYNC_FIXTURES, else ../shared/fixtures from the root.</summary>
internal static class CapturedEvents
{
    public static string? Folder { get; } = Find();

    public static string Schema(string file) => File.ReadAllText(Path.Combine(Folder!, "schemas", file));

    public static string Payload(string file) => File.ReadAllText(Path.Combine(Folder!, "payloads", file));

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("SALESFORCE_SYNC_FIXTURES");
        var folder = string.IsNullOrEmpty(named) ? Path.Combine(RepositoryRoot.Path, "..", "shared", "fixtures") : named;
        return Directory.Exists(Path.Combine(folder, "payloads")) ? folder : null;
    }
}

/// <summary>A test that needs the captured events and is skipped, by name, where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CapturedFactAttribute : FactAttribute
{
    public CapturedFactAttribute()
    {
        if (CapturedEvents.Folder is null) Skip = "no captured events: set SALESFORCE_SYNC_FIXTURES";
    }
}

/// <inheritdoc cref="CapturedFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CapturedTheoryAttribute : TheoryAttribute
{
    public CapturedTheoryAttribute()
    {
        if (CapturedEvents.Folder is null) Skip = "no captured events: set SALESFORCE_SYNC_FIXTURES";
    }
}
