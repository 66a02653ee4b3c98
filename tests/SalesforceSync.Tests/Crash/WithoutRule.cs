namespace SalesforceSync.Tests.Crash;

/// <summary>Until it is disposed a rule is left out of everything the caller does; only in builds with crash points.</summary>
internal sealed class WithoutRule : IDisposable
{
    public WithoutRule(string rule)
    {
#if CRASH_POINTS
        SalesforceSync.Diagnostics.PlantedBug.Plant(rule);
#else
        throw new InvalidOperationException($"{rule}: build with -p:CrashPoints=true");
#endif
    }

    public void Dispose()
    {
#if CRASH_POINTS
        SalesforceSync.Diagnostics.PlantedBug.Plant(null);
#endif
    }
}
