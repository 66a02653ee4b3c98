using System.Collections.Concurrent;
using SalesforceSync.Apply;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>
/// The Bulk jobs of a reading: one for each group of columns, remembered in its row as soon as they are made, so that a restart finds them again. Used by
/// several lanes, each with another reading.
/// </summary>
internal sealed class BulkJobs(Reads reads, BulkClient bulk, ReadNotes notes, TimeProvider time)
{
    /// <summary>In place of a job's id: Bulk refuses the object, which is read by REST.</summary>
    public const string ByRest = "rest";

    private readonly ConcurrentDictionary<string, (int Looks, DateTimeOffset NextAt, long? Rows)> _looks = new();

    public static IReadOnlyList<string> Of(Read read) => read.JobId is null ? [] : read.JobId.Split(',');

    /// <summary>How many jobs show each record.</summary>
    public static int JobCount(Read read) => Math.Max(1, Of(read).Count);

    /// <summary>The columns that each of a reading's jobs asks for.</summary>
    public static IReadOnlyList<IReadOnlyList<EvidenceField>> Groups(Read read, ReadShape shape) =>
        ColumnGroups.Of(shape.Evidence.Fields, SoqlText.Length(SoqlText.Select(read.Object, shape.Lead, read.Since, read.Condition)));

    /// <summary>Makes the next job of a reading that has not got all of them.</summary>
    public async Task CreateAsync(Read read, ReadShape shape, CancellationToken stop)
    {
        var (groups, jobs) = (Groups(read, shape), Of(read));
        var soql = SoqlText.Select(read.Object, shape.Select(groups[jobs.Count]), read.Since, read.Condition);
        try
        {
            var job = await bulk.CreateAsync(soql, all: shape.HasIsDeleted, CallClass.Snapshot, stop);
            CrashPoint.Hit(CrashPoints.SnapshotBeforeJobNoted);
            await reads.JobAsync(read.Id, string.Join(',', [.. jobs, job]), stop);
        }
        catch (RestException refused) when (IsNoBulkObject(refused))
        {
            await reads.JobAsync(read.Id, ByRest, stop);
        }
        await notes.CallsAsync(read.Id, 1, stop);
    }

    /// <summary>Looks at the jobs when it is time; null when all are complete and the reading has ended at Salesforce, else how long to wait.</summary>
    /// <exception cref="ReadingFailedException">A job failed, was aborted or is not known any more.</exception>
    public async Task<TimeSpan?> LookAsync(Read read, long? expected, CancellationToken stop)
    {
        long? rows = 0;
        foreach (var job in Of(read))
        {
            var (looks, nextAt, complete) = _looks.GetOrAdd(job, _ => (0, time.GetUtcNow() + PollPlan.Wait(0, expected), null));
            if (complete is not { } known)
            {
                if (nextAt - time.GetUtcNow() is { Ticks: > 0 } wait)
                    return wait;
                var state = await bulk.StateAsync(job, CallClass.Snapshot, stop);
                await notes.CallsAsync(read.Id, 1, stop);
                if (!IsComplete(state))
                {
                    var pause = PollPlan.Wait(looks + 1, expected);
                    _looks[job] = (looks + 1, time.GetUtcNow() + pause, null);
                    return pause;
                }
                known = state!.Rows ?? -1;
                _looks[job] = (looks, nextAt, known);
            }
            rows = known < 0 ? null : rows + known;
        }
        await reads.EndAsync(read.Id, rows, stop);
        CrashPoint.Hit(CrashPoints.SnapshotAfterEnd);
        foreach (var job in Of(read))
            _looks.TryRemove(job, out _);
        return null;
    }

    /// <summary>Gives a job up that nobody will read; what Salesforce says to that does not matter.</summary>
    public async Task ForgetAsync(Read read, CancellationToken stop)
    {
        foreach (var job in Of(read).Where(job => job != ByRest && _looks.TryRemove(job, out _)))
        {
            try
            {
                await bulk.AbortAsync(job, CallClass.Snapshot, stop);
                await notes.CallsAsync(read.Id, 1, stop);
            }
            catch (Exception refused) when (refused is RestException or SalesforceUnreachableException or BudgetSpentException or SignInException)
            {
                // It ends by itself, and is dropped after seven days.
            }
        }
    }

    private static bool IsComplete(BulkJob? job) => job switch
    {
        null => throw new ReadingFailedException("Salesforce does not know the job any more"),
        { State: BulkState.Failed or BulkState.Aborted } when !PlantedBug.Is(PlantedBugs.FailedJobAwaited) => throw new ReadingFailedException($"the job was {job.State.ToString().ToLowerInvariant()} ({job.Message ?? "no reason given"})"),
        _ => job.State == BulkState.JobComplete,
    };

    // "Entity 'X' is not supported by the Bulk API" comes as INVALIDENTITY, INVALIDJOB or API_ERROR.
    private static bool IsNoBulkObject(RestException refused) =>
        refused.Code.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant() is "INVALIDENTITY" or "FEATURENOTENABLED" or "UNSUPPORTED" or "NOTSUPPORTED"
            or "INVALIDTYPEFOROPERATION" or "UNSUPPORTEDOBJECT" or "ENTITYNOTSUPPORTED";
}
