using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;

namespace SalesforceSync.Snapshot;

/// <summary>
/// How each object of an org is read, made from one describe per process and object and from the newest event schema, which costs no API call. Described
/// again when the event schema is another one, or when somebody found the description stale. Safe for many threads.
/// </summary>
/// <param name="sight">Is told what each describe shows; null where nothing may be written.</param>
/// <param name="logger">Hears of masks that no field has.</param>
internal sealed class ReadShapes(
    NpgsqlDataSource source, string org, RestClient rest, PubSubClient pubSub, SchemaStore schemas, Func<string, ObjectRule> rules, FieldSight? sight = null,
    ILogger? logger = null)
{
    private const string LastSchema = """
        select schema_id from salesforce_sync.field where org = $1 and object = $2 and schema_id <> '' order by since desc limit 1
        """;

    private readonly ConcurrentDictionary<string, ReadShape> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte> _warned = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The shape, or null when this user sees no such object.</summary>
    /// <exception cref="RestException">Salesforce refused the describe.</exception>
    /// <exception cref="GrpcException">The schema cannot be had just now.</exception>
    public async Task<ReadShape?> OfAsync(string objectName, CancellationToken stop)
    {
        var schemaId = await SchemaIdAsync(objectName, stop);
        if (_known.TryGetValue(objectName, out var known) && (schemaId is null || schemaId == known.SchemaId || PlantedBug.Is(PlantedBugs.StaleDescribe)))
            return known;
        var schema = schemaId is null ? null : await SchemaAsync(schemaId, stop);
        if (known is not null && schema is null)
            return known;
        if (await rest.DescribeAsync(objectName, stop) is not { } described)
            return null;
        if (sight is not null)
            await sight.NoteAsync(objectName, described.Fields.Select(field => field.Name), schema?.Leaves.Select(leaf => leaf.ApiName).OfType<string>(), stop);
        var rule = rules(objectName);
        WarnOfUnknown(objectName, rule, described, schema);
        return _known[objectName] = schema is null ? ReadShape.Of(described, rule) : ReadShape.Of(described, schema, rule);
    }

    // A name that is misspelt leaves the values of the field that was meant where they are.
    private void WarnOfUnknown(string objectName, ObjectRule rule, ObjectShape described, EventSchema? schema)
    {
        if (logger is null || rule.Mask is not { } mask || !_warned.TryAdd(objectName, 0))
            return;
        var names = described.Fields.SelectMany(field => new[] { field.Name, field.Compound })
            .Concat((schema?.Leaves ?? []).SelectMany(leaf => new[] { leaf.ApiName, leaf.Compound })).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = mask.Words.Keys.Where(name => !names.Contains(name)).ToList();
        if (unknown.Count > 0)
            logger.MaskOfNoField(org, objectName, string.Join(", ", unknown));
    }

    /// <summary>The shape as it was last known; asked for only when it was not.</summary>
    public async ValueTask<ReadShape?> KnownAsync(string objectName, CancellationToken stop) =>
        _known.TryGetValue(objectName, out var known) ? known : await OfAsync(objectName, stop);

    /// <summary>The description is stale (a job failed, INVALID_FIELD): the next look describes again.</summary>
    public void Forget(string objectName)
    {
        if (!PlantedBug.Is(PlantedBugs.StaleDescribe))
            _known.TryRemove(objectName, out _);
    }

    private async Task<string?> SchemaIdAsync(string objectName, CancellationToken stop)
    {
        try
        {
            if ((await pubSub.GetTopicAsync(ChangeTopic.Of(objectName), stop)).SchemaId is { Length: > 0 } id)
                return id;
        }
        catch (GrpcException refused) when (IsRefusal(refused))
        {
            // No topic of its own: what the stream brought last is as good.
        }
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var last = new NpgsqlCommand(LastSchema, connection)
        {
            Parameters = { new() { Value = org, NpgsqlDbType = NpgsqlDbType.Text }, new() { Value = objectName, NpgsqlDbType = NpgsqlDbType.Text } },
        };
        // What the stream stored may be derived of it: what values mean is told by Salesforce's own.
        return await last.ExecuteScalarAsync(stop) is string known ? MaskedSchema.OriginalOf(known) : null;
    }

    private async Task<EventSchema?> SchemaAsync(string schemaId, CancellationToken stop)
    {
        try
        {
            var (json, _) = await schemas.FindOrFetchAsync(schemaId, pubSub.GetSchemaAsync, stop);
            return EventSchema.Compile(schemaId, json);
        }
        catch (SchemaException)
        {
            // Events of it are parked and tell what is wrong with it; describe has to do.
            return null;
        }
        catch (GrpcException refused) when (IsRefusal(refused))
        {
            return null;
        }
    }

    /// <summary>Salesforce's last word, not a moment's trouble.</summary>
    internal static bool IsRefusal(GrpcException failure) => failure.FromServer
        && failure.Status is GrpcStatusCode.NotFound or GrpcStatusCode.InvalidArgument or GrpcStatusCode.PermissionDenied or GrpcStatusCode.Unimplemented;
}
