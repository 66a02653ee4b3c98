using System.Collections.Concurrent;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>The query jobs of the org: worked on as time passes, noticed by a timer and whenever somebody asks. Any thread.</summary>
internal sealed class BulkJobs(SimulatedOrg org, RecordSource source, Crowds crowds, BulkRules rules, FaultScript faults) : IDisposable
{
    private readonly ConcurrentDictionary<string, BulkJob> _jobs = new(StringComparer.Ordinal);
    private long _lastId;

    public BulkRules Rules => rules;

    public BulkJob Create(RecordSearch search, bool all, string version, CsvShape csv, string delimiterName)
    {
        var job = new BulkJob(SalesforceId.Make("750", Interlocked.Increment(ref _lastId)), search, all, version, csv, delimiterName, org.Time.GetUtcNow());
        if (faults.Take(FaultKind.FailBulkJob) is { } failing)
            Finish(job, JobState.Failed, job.CreatedAt, failing.Order.ErrorCode ?? "InternalServerError : Retried more than fifteen times");
        else if (faults.Take(FaultKind.AbortBulkJob) is not null)
            Finish(job, JobState.Aborted, job.CreatedAt);
        else if (faults.Take(FaultKind.HangBulkJob) is not null)
            job.IsHanging = true;
        _jobs[job.Id] = job;
        if (rules.Duration > TimeSpan.Zero && !job.IsOver)
            job.Timer = org.Time.CreateTimer(_ => Advance(job), null, rules.Duration / SlicesOf(job), Timeout.InfiniteTimeSpan);
        return job;
    }

    /// <returns>Null for what never was, was deleted, or is past its retention.</returns>
    public BulkJob? Find(string id)
    {
        if (!_jobs.TryGetValue(SalesforceId.Widen(id), out var job)) return null;
        if (org.Time.GetUtcNow() - job.CreatedAt >= rules.Retention || faults.Take(FaultKind.ExpireBulkJob) is not null)
        {
            Remove(job);
            return null;
        }
        Advance(job);
        return job;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<BulkJob> All()
    {
        var kept = _jobs.Values.Where(job => org.Time.GetUtcNow() - job.CreatedAt < rules.Retention).ToList();
        foreach (var job in kept) Advance(job);
        kept.Sort((a, b) => string.CompareOrdinal(b.Id, a.Id));
        return kept;
    }

    /// <returns>False when it was over already.</returns>
    public bool Abort(BulkJob job)
    {
        lock (job.Lock)
        {
            if (job.IsOver) return false;
            Finish(job, JobState.Aborted, org.Time.GetUtcNow());
            return true;
        }
    }

    public void Remove(BulkJob job)
    {
        _jobs.TryRemove(job.Id, out _);
        job.Timer?.Dispose();
    }

    public void Dispose()
    {
        foreach (var job in _jobs.Values) job.Timer?.Dispose();
    }

    private int SlicesOf(BulkJob job) => job.IsChunked ? Math.Max(1, rules.Slices) : 1;

    private void Advance(BulkJob job)
    {
        lock (job.Lock)
        {
            var now = org.Time.GetUtcNow();
            var slices = SlicesOf(job);
            while (!job.IsOver && !job.IsHanging && DueAt(job.SlicesRead) <= now)
            {
                rules.BeforeSlice?.Invoke(job.Id, job.SlicesRead);
                ReadSlice(job, slices);
                if (++job.SlicesRead == slices) Finish(job, JobState.JobComplete, DueAt(slices - 1));
            }
            if (!job.IsOver && now > job.CreatedAt) job.State = JobState.InProgress;
            if (!job.IsOver && !job.IsHanging) job.Timer?.Change(Later(DueAt(job.SlicesRead) - now), Timeout.InfiniteTimeSpan);

            DateTimeOffset DueAt(int slice) => job.CreatedAt + (rules.Duration * (slice + 1) / slices);
        }

        static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1);
    }

    private void ReadSlice(BulkJob job, int slices)
    {
        var search = job.Search;
        var kept = new KeptRows(job.Csv);
        var leftOut = faults.Take(FaultKind.LeaveOutRecord) is null ? 0 : 1;
        org.Read(store =>
        {
            if (!job.IsChunked)
            {
                foreach (var record in source.Rows(store, search).Skip(leftOut)) kept.Add(record, search.Selected);
                return 0;
            }
            if (job.SlicesRead == 0) job.Bounds = BoundsOf(store, search, slices);
            var (after, upTo) = (job.SlicesRead == 0 ? null : job.Bounds[job.SlicesRead - 1], job.SlicesRead == slices - 1 ? null : job.Bounds[job.SlicesRead]);
            var slice = new IdRange(after, upTo, true);
            foreach (var record in RecordSource.Own(store, search).Where(record => slice.Holds(record.Id)).Skip(leftOut)) kept.Add(record, search.Selected);
            return 0;
        });
        job.Rows.Add(kept);
        if (job.IsChunked && job.SlicesRead == slices - 1 && crowds.Of(search.Object) is { } crowd) job.Rows.Add(CrowdRows.Of(crowd, search, job.Csv));
    }

    private static List<string> BoundsOf(RecordStore store, RecordSearch search, int slices)
    {
        var ids = store.Of(search.Object).Select(record => record.Id).Order(StringComparer.Ordinal).ToList();
        return [.. Enumerable.Range(1, slices - 1).Select(i => ids.Count == 0 ? "" : ids[Math.Max(0, (int)((long)ids.Count * i / slices) - 1)])];
    }

    private static void Finish(BulkJob job, JobState state, DateTimeOffset at, string? error = null)
    {
        job.State = state;
        job.ChangedAt = at;
        job.ErrorMessage = error;
        job.Timer?.Dispose();
    }
}
