using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;
using SalesforceSync.Store;

namespace SalesforceSync.Snapshot;

/// <summary>What a look at an object found.</summary>
/// <param name="Shape">How it can be read; null when it cannot be seen at all.</param>
/// <param name="Hidden">Copied fields that exist and that this user may no longer see.</param>
/// <param name="Gone">Copied fields that do not exist any more.</param>
internal sealed record SeenObject(ReadShape? Shape, IReadOnlyList<string> Hidden, IReadOnlyList<string> Gone)
{
    public bool IsWhole => Shape is not null && Hidden.Count == 0;

    public string Reason => Shape is null ? $"{Visibility.NotVisible}: the object" : $"{Visibility.NotVisible}: {string.Join(", ", Hidden)}";
}

/// <summary>
/// Rule B7: what the user may no longer see is frozen and recorded as a gap back to the last proof, never taken for a change; when everything is visible
/// again a snapshot of the object closes the gap. A field that is excluded in the configuration is not missed.
/// </summary>
internal sealed class Visibility(
    NpgsqlDataSource source, Ownership ownership, ReadShapes shapes, SchemaStore schemas, OrgObjects objects, Reads reads, Func<string, ObjectRule> rules, ILogger logger)
{
    /// <summary>How the reason of a frozen object begins when something is hidden: looking again tells when that is over.</summary>
    public const string NotVisible = "not visible";

    private const string Baseline = """
        select r.fields from salesforce_sync.read r
        where r.org = $1 and r.object = $2 and r.kind in ('snapshot', 'sweep') and r.state = 'done' and r.proves and cardinality(r.fields) > 0
        order by r.id desc limit 1
        """;

    /// <summary>API names of what the last whole reading brought and is still chosen; null: there was none.</summary>
    public async Task<IReadOnlyList<string>?> BaselineAsync(string objectName, CancellationToken stop)
    {
        await using var baseline = source.CreateCommand(Baseline);
        baseline.Parameters.Add(Text(ownership.Org));
        baseline.Parameters.Add(Text(objectName));
        return await baseline.ExecuteScalarAsync(stop) is string[] fields ? [.. fields.Where(field => rules(objectName).Copies(field))] : null;
    }

    /// <summary>Describes the object anew: one call.</summary>
    public async Task<SeenObject> LookAsync(string objectName, CancellationToken stop)
    {
        shapes.Forget(objectName);
        var shape = await shapes.OfAsync(objectName, stop);
        return shape is null ? new(null, [], []) : await CompareAsync(objectName, shape, stop);
    }

    /// <summary>A reading is about to begin with this shape.</summary>
    /// <exception cref="ObjectFrozenException">It lacks a field that was read before and still exists.</exception>
    public async Task CheckAsync(string objectName, ReadShape shape, CancellationToken stop)
    {
        if (await CompareAsync(objectName, shape, stop) is { IsWhole: false } seen)
            throw new ObjectFrozenException(seen.Reason);
    }

    /// <summary>Stops judging the object and says since when it is in doubt.</summary>
    public async Task FreezeAsync(string objectName, string reason, CancellationToken stop)
    {
        await objects.FreezeAsync(objectName, reason, stop);
        logger.ObjectFrozen(ownership.Org, objectName, reason);
    }

    /// <summary>Everything can be seen again: the object is read whole, which thaws it and closes the gap.</summary>
    public async Task ThawAsync(string objectName, string channel, CancellationToken stop)
    {
        await reads.RequestAsync(new(objectName, channel, ReadKind.Snapshot, "visible again", Proves: true), stop);
        logger.VisibleAgain(ownership.Org, objectName);
    }

    private async Task<SeenObject> CompareAsync(string objectName, ReadShape shape, CancellationToken stop)
    {
        var missing = PlantedBug.Is(PlantedBugs.HiddenFieldUnnoticed) ? [] : (await BaselineAsync(objectName, stop) ?? []).Except(shape.Fields, StringComparer.OrdinalIgnoreCase).ToList();
        if (missing.Count == 0)
            return new(shape, [], []);
        // The event schema lists every field there is, hidden or not; without one nothing tells hidden from gone, and hidden is the safer belief.
        if (await ChosenAsync(objectName, shape.SchemaId, stop) is not { } chosen)
            return new(shape, missing, []);
        return new(shape, [.. missing.Where(chosen.Contains)], [.. missing.Where(field => !chosen.Contains(field))]);
    }

    private async Task<HashSet<string>?> ChosenAsync(string objectName, string? schemaId, CancellationToken stop)
    {
        if (schemaId is null || await schemas.FindAsync(schemaId, stop) is not { } json)
            return null;
        var rule = rules(objectName);
        return EventSchema.Compile(schemaId, json).Leaves.Where(rule.Copies).Select(leaf => leaf.ApiName).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
