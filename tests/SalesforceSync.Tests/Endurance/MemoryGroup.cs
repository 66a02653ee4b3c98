using System.Globalization;

namespace SalesforceSync.Tests.Endurance;

/// <summary>A control group of the system whose processes get so much memory and no more: one that needs more is killed. cgroups(7), version 1 or 2.</summary>
internal sealed class MemoryGroup : IDisposable
{
    /// <summary>The variable of a <see cref="Crash.WorkerProcess"/> that names the group it begins in.</summary>
    public const string Variable = "MEMORY_GROUP";

    private const string Root = "/sys/fs/cgroup";

    private static readonly bool IsSecondVersion = File.Exists($"{Root}/cgroup.controllers");

    private static readonly Lazy<string?> Reason = new(TryOne);

    private MemoryGroup(string folder) => Folder = folder;

    /// <summary>Why no group can be made here; null when one can.</summary>
    public static string? SkipReason => Reason.Value;

    public string Folder { get; }

    /// <summary>The most that was charged to the group at once, in bytes: also pages of files, which go when there is no room.</summary>
    public long Peak => Read(IsSecondVersion ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>Processes of the group that the system has killed for want of memory.</summary>
    public long Killed => File.ReadLines($"{Folder}/{(IsSecondVersion ? "memory.events" : "memory.oom_control")}")
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)).Select(line => long.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture)).Single();

    public static MemoryGroup Create(long bytes)
    {
        var parent = IsSecondVersion ? Root : $"{Root}/memory";
        var group = new MemoryGroup($"{parent}/salesforce-sync-{Guid.NewGuid():N}");
        Directory.CreateDirectory(group.Folder);
        File.WriteAllText($"{group.Folder}/{(IsSecondVersion ? "memory.max" : "memory.limit_in_bytes")}", bytes.ToString(CultureInfo.InvariantCulture));
        return group;
    }

    /// <summary>The group has to be empty.</summary>
    public void Dispose() => Directory.Delete(Folder);

    private static string? TryOne()
    {
        try
        {
            using var group = Create(64L << 20);
            _ = (group.Peak, group.Killed);
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return $"needs to make a control group for memory: {refused.Message}";
        }
    }

    private long Read(string file) => long.Parse(File.ReadAllText($"{Folder}/{file}").AsSpan().Trim(), CultureInfo.InvariantCulture);
}
