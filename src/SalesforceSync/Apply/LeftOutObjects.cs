using Dapper;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>
/// What is left out of the configuration has nothing to repair, no gap, and nothing that is not visible: whoever takes it in again begins with a gap back to
/// the first event, and is told by the reading that closes it what is hidden then.
/// </summary>
internal static class LeftOutObjects
{
    private const string Owned = "exists (select from salesforce_sync.org where name = @Org and epoch = @Epoch and owner = @Owner)";

    private const string Known = """
        select object from salesforce_sync.object where org = @Org
        union select object from salesforce_sync.repair where org = @Org and state = 'open'
        union select object from salesforce_sync.coverage where org = @Org and object is not null and state = 'gap' and to_event is null
        """;

    private const string Forget = $$"""
        update salesforce_sync.repair set state = 'done', closed_at = clock_timestamp(), message = 'the object is not copied'
        where org = @Org and object = any(@Objects) and state = 'open' and {{Owned}};
        update salesforce_sync.coverage set state = 'repaired', to_event = from_event, to_at = clock_timestamp(), evidence = evidence || '{"closed": "the object is not copied"}'
        where org = @Org and object = any(@Objects) and state = 'gap' and to_event is null and {{Owned}};
        update salesforce_sync.object set state = 'copied', state_reason = null where org = @Org and object = any(@Objects) and state = 'frozen' and {{Owned}};
        update salesforce_sync.field set hidden_at = null where org = @Org and object = any(@Objects) and hidden_at is not null and {{Owned}}
        """;

    /// <summary>Of which objects something is known, copied or not. Repairs of whole schemas name none.</summary>
    public static async Task<IReadOnlyList<string>> KnownAsync(NpgsqlConnection connection, Ownership ownership, CancellationToken stop) =>
        [.. (await connection.QueryAsync<string>(new CommandDefinition(Known, ownership, cancellationToken: stop))).Where(name => !name.StartsWith("schema ", StringComparison.Ordinal))];

    /// <summary>Closes what is open of these objects, in the caller's transaction if there is one.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, Ownership ownership, IEnumerable<string> objects, CancellationToken stop) => connection.ExecuteAsync(
        new CommandDefinition(Forget, new { ownership.Org, ownership.Epoch, ownership.Owner, Objects = objects.ToArray() }, cancellationToken: stop));
}
