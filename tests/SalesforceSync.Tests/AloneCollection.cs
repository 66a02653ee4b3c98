namespace SalesforceSync.Tests;

/// <summary>Tests that take something from the whole process, as every thread of its pool, or play with moments that a busy machine moves: beside no others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
