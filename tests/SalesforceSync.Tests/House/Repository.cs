namespace SalesforceSync.Tests.House;

/// <summary>The repository these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>What <c>script/build</c> leaves.</summary>
    public static string Published => Path.Combine(Root, "out");

    public static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The C# files of a folder with their text, build output left out.</summary>
    public static IEnumerable<(string Path, string Text)> Sources(string folder) =>
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Root, file)
        where !path.Split('/').Any(part => part is "bin" or "obj")
        select (path, File.ReadAllText(file));

    private static string Find(string directory) => File.Exists(Path.Combine(directory, "SalesforceSync.sln"))
        ? directory
        : Find(Path.GetDirectoryName(directory.TrimEnd('/')) ?? throw new InvalidOperationException("the tests must run inside the repository"));
}
