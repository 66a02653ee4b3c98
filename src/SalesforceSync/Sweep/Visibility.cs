using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Snapshot;
using SalesforceSync.Store;

namespace SalesforceSync.Sweep;

/// <summary>What a look at an object found.</summary>
/// <param name="Shape">How it can be read; null when it cannot be seen at all.</param>
/// <param name="Hidden">Copied fields that exist and that this user may not see (any more).</param>
/// <param name="Gone">Copied fields that do not exist any more.</param>
internal sealed record Seen(ReadShape? Shape, IReadOnlyList<string> Hidden, IReadOnlyList<string> Gone)
{
    public bool IsWhole => Shape is not null && Hidden.Count == 0;

    public string Reason => Shape is null ? $"{Visibility.NotVisible}: the object" : $"{Visibility.NotVisible}: {string.Join(", ", Hidden)}";
}

/// <summary>
/// Rule B7: what the user may no longer see is frozen and recorded as a gap back to the last proof, never taken for a change; when everything is visible
/// again a snapshot of the object closes the gap. One describe each look.
/// </summary>
internal sealed class Visibility(
    NpgsqlDataSource source, Ownership ownership, ReadShapes shapes, SchemaStore schemas, OrgObjects objects, Reads reads, ILogger logger)
{
    /// <summary>How the reason of a frozen object begins when it was frozen here.</summary>
    public const string NotVisible = "not visible";

    private const string OpenGap = """
        insert into salesforce_sync.coverage (org, object, state, from_event, from_at, to_at, evidence)
        select o.org, o.object, 'gap', coalesce(p.anchor, 0), o.proven_at, clock_timestamp(),
            jsonb_build_object('reason', $3::text, 'channel', o.channel, 'cause', 'visibility')
        from salesforce_sync.object o
        left join lateral (
            select r.anchor from salesforce_sync.read r
            where r.org = o.org and r.object = o.object and r.state = 'done' and r.proves order by r.id desc limit 1) p on true
        where o.org = $1 and o.object = $2 and not exists (
            select from salesforce_sync.coverage g
            where g.org = $1 and g.object = $2 and g.state = 'gap' and g.to_event is null and g.evidence ->> 'cause' = 'visibility')
        """;

    /// <summary>Describes the object anew.</summary>
    public async Task<Seen> LookAsync(SweepTarget target, CancellationToken stop)
    {
        shapes.Forget(target.Object);
        var shape = await shapes.OfAsync(target.Object, stop);
        if (shape is null)
            return new(null, [], []);
        var missing = (target.Fields ?? []).Except(shape.Fields, StringComparer.OrdinalIgnoreCase).ToList();
        if (missing.Count == 0)
            return new(shape, [], []);
        // The event schema lists every field there is, hidden or not; without one nothing tells hidden from gone, and hidden is the safer belief.
        var existing = await ExistingAsync(shape.SchemaId, stop);
        return new(shape, [.. missing.Where(f => existing?.Contains(f) ?? true)], [.. missing.Where(f => existing?.Contains(f) == false)]);
    }

    /// <summary>Stops judging the object and says since when it is in doubt.</summary>
    public async Task FreezeAsync(string objectName, string reason, CancellationToken stop)
    {
        await using (var org = await OrgTransaction.BeginAsync(source, ownership, takesNumber: false, stop))
        {
            await org.RunAsync(OpenGap, [Text(ownership.Org), Text(objectName), Text(reason)], stop);
            await org.CommitAsync();
        }
        await objects.FreezeAsync(objectName, reason, stop);
        logger.Frozen(ownership.Org, objectName, reason);
    }

    /// <summary>Everything can be seen again: the object is read whole, which closes the gap.</summary>
    public async Task ThawAsync(SweepTarget target, CancellationToken stop)
    {
        await reads.RequestAsync(new(target.Object, target.Channel, ReadKind.Snapshot, "visible again", Proves: true), stop);
        await objects.ThawAsync(target.Object, stop);
        logger.VisibleAgain(ownership.Org, target.Object);
    }

    private async Task<HashSet<string>?> ExistingAsync(string? schemaId, CancellationToken stop)
    {
        if (schemaId is null || await schemas.FindAsync(schemaId, stop) is not { } json)
            return null;
        return EventSchema.Compile(schemaId, json).Leaves.Select(leaf => leaf.ApiName).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };
}
