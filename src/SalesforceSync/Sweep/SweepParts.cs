using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>Puts the loop of one org together.</summary>
internal static class SweepParts
{
    public static SweepLoop Loop(
        OrgOptions options, NpgsqlDataSource source, Ownership ownership, RestClient rest, BulkClient bulk, EvidenceMerge merge, Visibility visibility,
        Lookout lookout, TimeProvider time, ILogger logger)
    {
        var reads = new Reads(source, ownership);
        var store = new SweepStore(source, ownership, options.Schema);
        var reading = new SweepReading(options, reads, store, new ReadNotes(source, ownership, options.Schema), rest, bulk, time, logger);
        var suspects = new Suspects(source, ownership, merge, new AbsenceCheck(source, ownership, options.Schema, rest));
        return new(options, reads, store, reading, suspects, visibility, new FrozenWatch(options.Name, store, visibility, time, logger), lookout, time, logger);
    }
}
