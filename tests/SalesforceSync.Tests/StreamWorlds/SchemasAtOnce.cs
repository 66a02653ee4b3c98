using SalesforceSync.Apply;
using SalesforceSync.Assemble;
using SalesforceSync.Store;

namespace SalesforceSync.Tests.StreamWorlds;

/// <summary>Schemas in memory: what they make of an event is there at once.</summary>
internal static class SchemasAtOnce
{
    /// <exception cref="InvalidOperationException">The schema had to be waited for.</exception>
    public static TransactionEvent Understand(this CompiledSchemas schemas, StoredEvent stored)
    {
        var understood = schemas.UnderstandAsync(stored, CancellationToken.None);
        return understood.IsCompletedSuccessfully ? understood.Result : throw new InvalidOperationException($"schema {stored.SchemaId} is not there at once");
    }
}
