using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Snapshot;

/// <summary>
/// Asks for the readings that are needed: the first one of every object, where the org begins with snapshots, and one of every object that an open gap
/// concerns and that nothing has shown since. Finds out before which objects there are.
/// </summary>
internal sealed class WantedReadings(
    OrgOptions options, NpgsqlDataSource source, Ownership ownership, Reads reads, ObjectDiscovery discovery, SnapshotSizes sizes, TimeProvider time, ILogger logger)
{
    public const string Start = "start";
    public const string Gap = "gap";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan AfterTrouble = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AskEvery = TimeSpan.FromDays(1);

    private static readonly TimeSpan AskAnyway = TimeSpan.FromDays(7);

    /// <summary>An object of so many records is compared with one call.</summary>
    private const long SpareRows = 2_000;

    // What is frozen is read again when everything is visible or a person says so: a reading that shows less would prove what it does not show.
    // A gap of one field is closed by a reading of that field, which is asked for when there is something to read.
    // As apply closes gaps: shown by a reading of the object that began after the gap was recorded, with everything before it received.
    private const string OpenGaps = """
        with concerned as (
            select g.from_event, g.from_at, g.recorded_at, g.from_at is null or g.evidence ->> 'start' = 'latest' as whole, o.object, o.channel, o.rows_there
            from salesforce_sync.coverage g join salesforce_sync.object o on o.org = g.org and o.state = 'copied'
                and case when g.object is null then coalesce(g.evidence ->> 'channel', o.channel) = o.channel else g.object = o.object end
            where g.org = @Org and g.state = 'gap' and g.to_event is null and not g.evidence ? 'field')
        select c.object as Object, c.channel as Channel, coalesce(c.rows_there, 0) as Rows, min(c.from_at) as Since, coalesce(bool_or(c.whole), false) as Whole
        from concerned c
        where not exists (
            select from salesforce_sync.read r where r.org = @Org and r.object = c.object and (
                (r.kind = 'snapshot' and r.state in ('waiting', 'reading', 'merging'))
                or (r.state = 'done' and r.started_at > c.recorded_at and r.anchor >= c.from_event and r.condition is null
                    and (r.proves or (r.since <= c.from_at and c.rows_there > @Many and c.whole is not true)))
                or (r.kind = 'snapshot' and r.state = 'failed' and r.closed_at > greatest(c.recorded_at, clock_timestamp() - interval '4 hours'))))
        group by c.object, c.channel, c.rows_there order by c.object
        """;

    private static string Wanted =>
        PlantedBug.Is(PlantedBugs.ReadingSurvivesLoss) ? OpenGaps.Replace("and r.started_at > c.recorded_at", "", StringComparison.Ordinal) : OpenGaps;

    private const string NeverRead = """
        select o.object as Object, o.channel as Channel from salesforce_sync.object o
        where o.org = @Org and o.state = 'copied' and o.snapshot_at is null and not exists (
            select from salesforce_sync.read r where r.org = @Org and r.object = o.object and r.kind = 'snapshot'
                and (r.state in ('waiting', 'reading', 'merging') or (r.state = 'failed' and r.closed_at > clock_timestamp() - interval '4 hours')))
        order by o.object
        """;

    private const string SignsOf = """
        select exists (select from salesforce_sync.coverage g where g.org = o.name and g.state = 'gap' and g.to_event is null and g.object is null) as HasGapOfAll, o.discover_at as AskedAt
        from salesforce_sync.org o where o.name = @Org
        """;

    private const string Discovered = """
        update salesforce_sync.org set discover_at = null where name = @Org and epoch = @Epoch and owner = @Owner and discover_at = @At
        """;

    private int _isLooking;
    private DateTimeOffset _nextLook = DateTimeOffset.MinValue;
    private DateTimeOffset? _asked;
    private bool _askedForGap;

    /// <summary>Looks, when it is time, and asks; true when something new is wanted.</summary>
    public async Task<bool> StepAsync(CancellationToken stop)
    {
        if (time.GetUtcNow() < _nextLook || Interlocked.Exchange(ref _isLooking, 1) == 1)
            return false;
        try
        {
            _nextLook = time.GetUtcNow() + AfterTrouble;
            var (signs, known) = await LookAsync(stop);
            var isNew = await FindObjectsAsync(signs.HasGapOfAll, known, stop) | await DiscoverAsync(signs.AskedAt, stop) | await AskAsync(stop);
            _nextLook = time.GetUtcNow() + LookEvery;
            return isNew;
        }
        finally
        {
            Volatile.Write(ref _isLooking, 0);
        }
    }

    // An org that begins with the stream alone learns its objects from the stream, which costs nothing, until a gap concerns all there are.
    private async Task<bool> FindObjectsAsync(bool gapOfAll, IReadOnlyList<OrgObject> known, CancellationToken stop)
    {
        var now = time.GetUtcNow();
        // A day's comparisons cost two calls an object at most; the members of the channels are asked for out of what small objects leave of that.
        var isDaily = (options.StartFrom == StartFrom.Snapshot || options.Sweep is not null) && now - _asked > (known.Count == 0 || known.Any(o => o.RowsThere <= SpareRows) ? AskEvery : AskAnyway);
        var isIncomplete = options.StartFrom == StartFrom.Snapshot && _asked is null && !discovery.IsComplete(known);
        if (isDaily && options.StartFrom != StartFrom.Snapshot)
        {
            // What the stream has not brought is not wanted; what a channel keeps back of the rest has to be known.
            await discovery.LookAtMembersAsync(stop);
        }
        else if (isIncomplete || isDaily || (gapOfAll && !_askedForGap))
        {
            await discovery.FindAsync(askForRest: known.Count == 0 || isDaily || gapOfAll, stop);
            _askedForGap |= gapOfAll;
        }
        if (_asked is null || isDaily)
            _asked = now;
        return await discovery.MeetAsync(stop);
    }

    /// <summary>Somebody wants every object to be read: also those that were chosen since the org was last asked.</summary>
    private async Task<bool> DiscoverAsync(DateTime? askedAt, CancellationToken stop)
    {
        if (askedAt is not { } at)
            return false;
        await discovery.FindAsync(askForRest: true, stop);
        await using var connection = await source.OpenConnectionAsync(stop);
        await RequestAsync(Chosen(await connection.QueryAsync<Want>(new CommandDefinition(NeverRead, new { ownership.Org }, cancellationToken: stop))), "asked", stop);
        await connection.ExecuteAsync(new CommandDefinition(Discovered, new { ownership.Org, ownership.Epoch, ownership.Owner, At = at }, cancellationToken: stop));
        return true;
    }

    private async Task<bool> AskAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        IReadOnlyList<Want> atStart, ofGaps;
        await using (var wanted = await connection.QueryMultipleAsync(new CommandDefinition($"{NeverRead};\n{Wanted}", new { ownership.Org, Many = sizes.ManyRows }, cancellationToken: stop)))
        {
            atStart = Chosen(await wanted.ReadAsync<Want>());
            ofGaps = Chosen(await wanted.ReadAsync<Want>());
        }
        if (options.StartFrom != StartFrom.Snapshot)
            atStart = [];
        await RequestAsync(atStart, Start, stop);
        // What is read for the first time shows what a gap left out too.
        ofGaps = [.. ofGaps.Where(gap => atStart.All(first => first.Object != gap.Object))];
        await AskForGapsAsync(ofGaps, stop);
        return atStart.Count + ofGaps.Count > 0;
    }

    private async Task RequestAsync(IReadOnlyList<Want> wanted, string reason, CancellationToken stop)
    {
        foreach (var want in wanted)
            await reads.RequestAsync(new(want.Object, want.Channel, ReadKind.Snapshot, reason, Proves: true), stop);
        Tell(wanted, reason);
    }

    private async Task AskForGapsAsync(IReadOnlyList<Want> wanted, CancellationToken stop)
    {
        foreach (var want in wanted)
        {
            var since = want.Rows > sizes.ManyRows && !want.Whole ? want.Since : null;
            await reads.RequestAsync(
                new(want.Object, want.Channel, ReadKind.Snapshot, Gap, Proves: since is null, Since: since is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null), stop);
        }
        Tell(wanted, Gap);
    }

    private void Tell(IReadOnlyList<Want> wanted, string reason)
    {
        if (wanted.Count > 0)
            logger.ReadingsWanted(options.Name, string.Join(", ", wanted.Select(want => want.Object)), reason);
    }

    private async Task<(Signs Signs, IReadOnlyList<OrgObject> Known)> LookAsync(CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await using var look = await connection.QueryMultipleAsync(new CommandDefinition($"{SignsOf};\n{OrgObjects.List}", new { ownership.Org }, cancellationToken: stop));
        return (await look.ReadSingleAsync<Signs>(), await OrgObjects.ReadAsync(look));
    }

    private IReadOnlyList<Want> Chosen(IEnumerable<Want> found) => [.. found.Where(want => options.Objects.For(want.Object).Include)];

    /// <summary>What the org's rows say of what is to be found out.</summary>
    private sealed record Signs
    {
        /// <summary>A gap concerns all objects there are.</summary>
        public bool HasGapOfAll { get; init; }

        /// <summary>When somebody asked for everything to be read.</summary>
        public DateTime? AskedAt { get; init; }
    }

    private sealed record Want
    {
        public string Object { get; init; } = "";

        public string Channel { get; init; } = "";

        public long Rows { get; init; }

        public DateTime? Since { get; init; }

        public bool Whole { get; init; }
    }
}
