using System.Runtime.InteropServices;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Crash;

/// <summary>The real program of the build under test. It lies beside the tests, so it has crash points when they do.</summary>
internal static class WorkerProgram
{
#if CRASH_POINTS
    private const bool HasCrashPoints = true;
#else
    private const bool HasCrashPoints = false;
#endif

    /// <summary>What is executed: the program's own host, or the framework's with the program as its argument.</summary>
    public static IReadOnlyList<string> Command { get; } = Path.Combine(AppContext.BaseDirectory, "salesforce-sync") is var host && File.Exists(host)
        ? [host]
        : [Path.Combine(DotnetRoot, "dotnet"), Path.Combine(AppContext.BaseDirectory, "salesforce-sync.dll")];

    public static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>Why tests that need crash points cannot run; null when they can, and in CI, where they fail instead.</summary>
    public static string? SkipReason => PostgresFixture.SkipReason ?? (HasCrashPoints || Repository.IsCi ? null : "build with -p:CrashPoints=true, as script/test does");
}

/// <summary>A test that has the worker kill itself: skipped by name in builds that cannot, failing there in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CrashPointFactAttribute : FactAttribute
{
    public CrashPointFactAttribute() => Skip = WorkerProgram.SkipReason;
}

/// <inheritdoc cref="CrashPointFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CrashPointTheoryAttribute : TheoryAttribute
{
    public CrashPointTheoryAttribute() => Skip = WorkerProgram.SkipReason;
}
