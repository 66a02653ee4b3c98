namespace SalesforceSync.Tests.Crash;

/// <summary>Tests that run whole workers under load: never two at a time, and not beside others, whose load would stretch every deadline.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CrashCollection
{
    public const string Name = "crash";
}
