namespace SalesforceSync.Tests.Decode;

/// <summary>Where the project's files lie when tests run from their build output.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "SalesforceSync.sln"))) return folder.FullName;
        throw new InvalidOperationException("the tests must run from a build inside the repository");
    }
}
