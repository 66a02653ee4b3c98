using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Repair;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;
using SalesforceSync.Store;
using SalesforceSync.Sweep;

namespace SalesforceSync;

/// <summary>
/// The loops of one org that read from Salesforce what the stream does not tell. Each goes on in steps from what the database says, and hands what it read to
/// apply as evidence. Made for one ownership, as the pipeline is.
/// </summary>
internal sealed class OrgReadings
{
    public OrgReadings(
        OrgOptions options, NpgsqlDataSource source, Ownership ownership, PubSubClient client, RestClient rest, BulkClient bulk, SchemaStore schemas,
        Func<string, ObjectRule> rules, TimeProvider time, ILoggerFactory loggers, SnapshotSizes? sizes = null)
    {
        Lookout = new Lookout(time);
        var reading = loggers.CreateLogger<SnapshotLoop>();
        var reads = new Reads(source, ownership);
        var objects = new OrgObjects(source, ownership);
        var notes = new ReadNotes(source, ownership, options.Schema);
        var merge = new EvidenceMerge(source, ownership, options.Schema, rules, time, loggers.CreateLogger<EvidenceMerge>());
        var shapes = new ReadShapes(source, options.Name, rest, client, schemas, rules, new FieldSight(source, ownership), reading);
        var visibility = new Visibility(source, ownership, shapes, schemas, objects, reads, rules, reading);
        var discovery = new ObjectDiscovery(options, rest, client, objects, new ChannelMembers(source, ownership), reading);
        var wanted = new WantedReadings(options, source, ownership, reads, discovery, sizes ?? new(), time, reading);
        var absences = new AbsenceCheck(source, ownership, options.Schema, rest);
        var steps = new SnapshotSteps(
            options.Name, reads, merge, bulk, rest, shapes, objects, absences, visibility, notes, rules, sizes ?? new(), time, reading);
        Snapshot = new SnapshotLoop(options.Name, reads, steps, wanted, visibility, Lookout, time, reading);

        var repairing = loggers.CreateLogger<RepairLoop>();
        var queue = new RepairQueue(source, ownership);
        var fetch = new RecordFetch(source, options.Schema, reads, rest, shapes, visibility, queue, time);
        var whole = new WholeObjects(source, ownership, reads, discovery, objects, time, repairing);
        var reparented = new Reparented(source, ownership, options.Schema, time, repairing);
        Repair = new RepairLoop(options, reads, merge, fetch, queue, whole, reparented, visibility, Lookout, time, repairing);

        Sweep = SweepParts.Loop(options, source, ownership, rest, bulk, merge, visibility, Lookout, time, loggers.CreateLogger<SweepLoop>());
    }

    /// <summary>Whole objects, under the running stream.</summary>
    public SnapshotLoop Snapshot { get; }

    /// <summary>Records of which events could not tell everything.</summary>
    public RepairLoop Repair { get; }

    /// <summary>Comparisons: what Salesforce never told becomes verdicts and repairs.</summary>
    public SweepLoop Sweep { get; }

    /// <summary>Tells them whether it is worth looking.</summary>
    public Lookout Lookout { get; }

    public void Start(TaskGroup loops)
    {
        loops.Start("snapshot", Snapshot.RunAsync);
        loops.Start("repair", Repair.RunAsync);
        loops.Start("sweep", Sweep.RunAsync);
    }
}
