using System.Runtime.CompilerServices;
using CsvHelper;
using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>What became of a step.</summary>
internal enum Step
{
    /// <summary>Something was done; go on.</summary>
    Done,

    /// <summary>Nothing to do just now.</summary>
    Waits,
}

/// <summary>
/// Takes the requests of one comparison: what Salesforce has of an object goes into <c>salesforce_sync.seen</c>. Each step leaves its place in Postgres; only
/// how long to wait for a job is remembered here, and after a restart it is asked a little early.
/// </summary>
internal sealed class SweepReading(OrgOptions options, Reads reads, SweepStore store, ReadNotes notes, RestClient rest, BulkClient bulk, TimeProvider time, ILogger logger)
{
    /// <summary>Characters of a URL kept free for everything but the fields.</summary>
    private const int UrlRoom = 12_000;

    /// <summary>After so many questions a job is asked how it stands: a failed one would be asked for ever.</summary>
    private const int AsksPerState = 2;

    private const int RowsAtOnce = 10_000;

    private const long BytesAtOnce = 8 << 20;

    private readonly Dictionary<long, (DateTimeOffset At, int Asked)> _jobs = [];
    private readonly HashSet<string> _bulkRefused = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SweepLead> _leads = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What was learned about an object from a describe.</summary>
    public void Know(ReadShape shape) => _leads[shape.Object] = SweepLead.Of(shape);

    /// <summary>Takes the anchor, once the stream has one.</summary>
    public async Task<Step> BeginAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        var plan = PlanOf(target);
        await store.PlanAsync(read.Id, read.Object, plan.ByRest, plan.Price, stop);
        if (await reads.BeginAsync(read.Id, target.Fields ?? [], rest.SalesforceNow, stop) is null)
            return Step.Waits;
        CrashPoint.Hit(CrashPoints.SweepAfterBegin);
        logger.Sweeping(options.Name, read.Object, read.Reason, plan.Price);
        return Step.Done;
    }

    /// <summary>Reads on.</summary>
    /// <exception cref="RestException">Salesforce refused.</exception>
    /// <exception cref="ReadingFailedException">The job came to nothing, or its results cannot be understood.</exception>
    public async Task<Step> ReadAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        var plan = PlanOf(target);
        if (await store.ByRestAsync(read.Id, stop) ?? plan.ByRest)
            return await PageAsync(read, target, plan, stop);
        if (read.JobId is null)
            return await MakeAsync(read, target, plan, stop);
        if (_jobs.GetValueOrDefault(read.Id).At > time.GetUtcNow())
            return Step.Waits;
        return await FetchAsync(read, target, plan, stop);
    }

    public void Forget(long read) => _jobs.Remove(read);

    /// <summary>How a record's existence is asked for.</summary>
    public ReadShape ShapeOf(SweepTarget target) => LeadOf(target).Shape(target.Object, []);

    private SweepPlan PlanOf(SweepTarget target) => SweepPlan.Of(
        target.Rows, target.Fields ?? [], _bulkRefused.Contains(target.Object), UrlRoom, (long)(time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalDays);

    private SweepLead LeadOf(SweepTarget target) => _leads.GetValueOrDefault(target.Object)
        ?? new SweepLead(true, true, target.Fields?.Contains(SweepLead.Modified, StringComparer.OrdinalIgnoreCase) == true);

    private static string Query(ReadShape shape) => SoqlText.Select(shape.Object, shape.Select(shape.Evidence.Fields), null, null);

    private async Task<Step> PageAsync(Read read, SweepTarget target, SweepPlan plan, CancellationToken stop)
    {
        var lead = LeadOf(target);
        await store.KeepAsync(read.Id, true, RecordsAsync(read.Id, lead.Shape(read.Object, plan.Fields), lead.HasModified, stop), null, null, stop);
        await reads.EndAsync(read.Id, null, stop);
        return Step.Done;
    }

    private async IAsyncEnumerable<SeenRecord> RecordsAsync(long read, ReadShape shape, bool hasModified, [EnumeratorCancellation] CancellationToken stop)
    {
        await foreach (var page in rest.QueryAsync(Query(shape), all: shape.HasIsDeleted, CallClass.Sweep, stop))
        {
            await notes.CallsAsync(read, 1, stop);
            foreach (var record in page)
                yield return SeenRecord.Of(RecordJson.Row(record, shape), hasModified);
        }
    }

    private async Task<Step> MakeAsync(Read read, SweepTarget target, SweepPlan plan, CancellationToken stop)
    {
        string job;
        try
        {
            var shape = LeadOf(target).Shape(read.Object, plan.Fields);
            job = await bulk.CreateAsync(Query(shape), all: shape.HasIsDeleted, CallClass.Sweep, stop);
        }
        catch (RestException refused) when (refused.IsOfObject || refused.Code is "FEATURE_NOT_ENABLED" or "FeatureNotEnabled" or "INVALIDJOB" or "InvalidJob")
        {
            // Some objects can be queried, but not by Bulk: REST tells whether this is one of them.
            _bulkRefused.Add(read.Object);
            await store.PlanAsync(read.Id, read.Object, true, PlanOf(target).Price, stop);
            return Step.Done;
        }
        await reads.JobAsync(read.Id, job, stop);
        await notes.CallsAsync(read.Id, 1, stop);
        Wait(read, target, 0);
        return Step.Done;
    }

    private async Task<Step> FetchAsync(Read read, SweepTarget target, SweepPlan plan, CancellationToken stop)
    {
        using var page = await bulk.ResultsAsync(read.JobId!, read.Locator, null, CallClass.Sweep, stop);
        await notes.CallsAsync(read.Id, 1, stop);
        if (page is null)
        {
            await AskAsync(read, target, stop);
            return Step.Waits;
        }
        try
        {
            var lead = LeadOf(target);
            await store.KeepAsync(read.Id, read.Locator is null, RecordsAsync(page, lead.Shape(read.Object, plan.Fields), lead.HasModified, stop), page.Rows, page.Locator, stop);
        }
        catch (Exception unreadable) when (unreadable is CsvFormatException or UnreadableValueException or FormatException or TruncatedPageException)
        {
            throw new ReadingFailedException(unreadable.Message);
        }
        if (page.Locator is null)
        {
            await reads.EndAsync(read.Id, null, stop);
            Forget(read.Id);
        }
        return Step.Done;
    }

    private static async IAsyncEnumerable<SeenRecord> RecordsAsync(BulkPage page, ReadShape shape, bool hasModified, [EnumeratorCancellation] CancellationToken stop)
    {
        // The count in the header tells a page that is whole, so that the last line may do without its end.
        await using var rows = new CsvPage(page.Csv, shape, shape.Evidence.Fields, page.Rows, takesOpenEnd: page.Rows is not null);
        while (!rows.IsRead)
        {
            foreach (var row in await rows.NextAsync(RowsAtOnce, BytesAtOnce, stop))
                yield return SeenRecord.Of(row, hasModified);
        }
    }

    private async Task AskAsync(Read read, SweepTarget target, CancellationToken stop)
    {
        var asked = _jobs.GetValueOrDefault(read.Id).Asked + 1;
        Wait(read, target, asked);
        if (asked % AsksPerState != 0)
            return;
        var job = await bulk.StateAsync(read.JobId!, CallClass.Sweep, stop);
        await notes.CallsAsync(read.Id, 1, stop);
        if (job is null or { State: BulkState.Failed or BulkState.Aborted })
            throw new ReadingFailedException(job is null ? "the Bulk job is gone" : $"the Bulk job is {job.State}: {job.Message}");
    }

    private void Wait(Read read, SweepTarget target, int asked) =>
        _jobs[read.Id] = (time.GetUtcNow() + JobWait.Of(target.Rows, read.Reason == SweepLoop.Scheduled, asked), asked);
}
