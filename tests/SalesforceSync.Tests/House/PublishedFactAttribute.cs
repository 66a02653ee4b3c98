namespace SalesforceSync.Tests.House;

/// <summary>A test of what <c>script/build</c> leaves: skipped by name where nothing was built, or something else is in the sources by now; never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PublishedFactAttribute : FactAttribute
{
    private static readonly string? Missing = WhatIsMissing();

    public PublishedFactAttribute() => Skip = Missing;

    private static string? WhatIsMissing()
    {
        if (Repository.IsCi)
            return null;
        var program = new FileInfo(Path.Combine(Repository.Published, "salesforce-sync.dll"));
        if (!program.Exists)
            return "out/ is not there: run script/build first";
        var changed = new[] { "src", "proto", "db" }.SelectMany(folder => new DirectoryInfo(Path.Combine(Repository.Root, folder)).EnumerateFiles("*", SearchOption.AllDirectories))
            .FirstOrDefault(file => file.LastWriteTimeUtc > program.LastWriteTimeUtc);
        return changed is null ? null : $"out/ is older than {Path.GetRelativePath(Repository.Root, changed.FullName)}: run script/build first";
    }
}
