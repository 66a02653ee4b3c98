namespace SalesforceSync.Diagnostics;

/// <summary>
/// Rules that builds with crash points (<c>-p:CrashPoints=true</c>) leave out on demand, so that a test can show that it would find out. In every other
/// build nothing can be left out: <see cref="Is"/> is the constant false.
/// </summary>
/// <remarks>For a whole process by SYNC_PLANTED_BUG=<c>name</c>; in a test by <c>Plant</c>, for what the caller starts and awaits afterwards.</remarks>
internal static class PlantedBug
{
#if CRASH_POINTS
    private static readonly string? OfProcess = Known(Environment.GetEnvironmentVariable("SYNC_PLANTED_BUG"));

    private static readonly AsyncLocal<string?> OfCaller = new();

    /// <summary>Whether this rule is left out here.</summary>
    /// <param name="name">One of <see cref="PlantedBugs"/>.</param>
    public static bool Is(string name) => name == (OfCaller.Value ?? OfProcess);

    /// <summary>Leaves a rule out, or none, in everything the caller does from now on.</summary>
    internal static void Plant(string? name) => OfCaller.Value = Known(name);

    private static string? Known(string? name) => string.IsNullOrEmpty(name) ? null
        : PlantedBugs.All.Contains(name) ? name
        : throw new InvalidOperationException($"SYNC_PLANTED_BUG: {name}: give one of {string.Join(", ", PlantedBugs.All)}");
#else
    /// <summary>Nothing is left out of this build.</summary>
    /// <param name="name">Of no matter.</param>
    public static bool Is(string name) => false;
#endif
}
