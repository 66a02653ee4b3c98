using System.Runtime.CompilerServices;
using CsvHelper;
using Microsoft.Extensions.Logging;
using SalesforceSync.Apply;
using SalesforceSync.Diagnostics;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Snapshot;

/// <summary>Rows that are merged together, where their reading stands once they are, and what they consist of.</summary>
internal sealed record RowPart(EvidenceShape Shape, IReadOnlyList<EvidenceRow> Rows, ReadingPlace After, long PageRows, int Calls);

/// <summary>The rows of a reading's complete jobs from the place where merging stands, part by part. A page that breaks off is fetched again from there.</summary>
internal sealed class BulkRows(BulkClient bulk, string org, SnapshotSizes sizes, ILogger logger)
{
    /// <summary>How often one page is fetched without a row more than the time before.</summary>
    private const int FruitlessFetches = 3;

    /// <param name="pages">Pages at most.</param>
    /// <exception cref="ReadingFailedException">The jobs' results cannot be had.</exception>
    public async IAsyncEnumerable<RowPart> ReadAsync(Read read, ReadShape shape, int pages, [EnumeratorCancellation] CancellationToken stop)
    {
        var (jobs, groups) = (BulkJobs.Of(read), BulkJobs.Groups(read, shape));
        var (place, merged) = (ReadingPlace.Parse(read.Locator), read.PageRows);
        var (fruitless, takesOpenEnd) = (0, false);
        for (var page = 0; page < pages && !place.IsEnd;)
        {
            var fields = groups[place.Job];
            // A record read by several jobs lacks nothing once the last of them is merged.
            var evidence = new EvidenceShape(read.Object, fields, Complete: place.Job == jobs.Count - 1 && read.Kind == ReadKind.Snapshot);
            var calls = 1;
            using var results = await OpenAsync(jobs[place.Job], place, stop);
            await using var rows = new CsvPage(results.Csv, shape, fields, results.Rows, takesOpenEnd);
            var next = results.Locator is not null && !PlantedBug.Is(PlantedBugs.FirstPageOnly) ? place with { Locator = results.Locator }
                : place.Job + 1 < jobs.Count ? new ReadingPlace(place.Job + 1, null) : ReadingPlace.End;
            TruncatedPageException? broken = null;
            for (var isSkipped = false; broken is null && !rows.IsRead; isSkipped = true)
            {
                IReadOnlyList<EvidenceRow> part = [];
                try
                {
                    if (!isSkipped) await rows.SkipAsync(merged, stop);
                    part = await rows.NextAsync(sizes.RowsPerPart, sizes.BytesPerPart, stop);
                }
                catch (TruncatedPageException truncated)
                {
                    broken = truncated;
                }
                catch (SalesforceUnreachableException) when (fruitless + 1 < FruitlessFetches)
                {
                    broken = new(read.Object, rows.Rows, results.Rows);
                }
                catch (Exception unreadable) when (unreadable is CsvFormatException or UnreadableValueException or FormatException)
                {
                    throw new ReadingFailedException(unreadable.Message);
                }
                if (part.Count == 0 && !rows.IsRead) continue;
                (merged, fruitless) = (rows.IsRead ? 0 : rows.Rows, 0);
                yield return new(evidence, part, rows.IsRead ? next : place, merged, calls);
                calls = 0;
            }
            if (broken is null)
            {
                (place, takesOpenEnd) = (next, false);
                page++;
                continue;
            }
            logger.PageBroken(org, read.Object, broken.Message);
            takesOpenEnd = broken.IsOpenEnd;
            if (++fruitless >= FruitlessFetches)
                throw new ReadingFailedException(broken.Message);
        }
    }

    private async Task<BulkPage> OpenAsync(string job, ReadingPlace place, CancellationToken stop)
    {
        try
        {
            return await bulk.ResultsAsync(job, place.Locator, sizes.RowsPerPage, CallClass.Snapshot, stop)
                ?? throw new ReadingFailedException("a complete job has no results");
        }
        catch (RestException refused) when (!refused.MayPass && refused.Code != "REQUEST_LIMIT_EXCEEDED")
        {
            throw new ReadingFailedException($"the results of the job cannot be had: {refused.Message}");
        }
    }
}

/// <summary>How much is read and merged at once.</summary>
/// <param name="RowsPerPage">Asked of Salesforce; each page is a call.</param>
/// <param name="RowsPerPart">Merged in one transaction, at most.</param>
/// <param name="BytesPerPart">Merged in one transaction, about.</param>
/// <param name="PagesPerStep">Merged before the loop looks about itself.</param>
internal sealed record SnapshotSizes(
    int RowsPerPage = 100_000, int RowsPerPart = 10_000, long BytesPerPart = 8 << 20, int PagesPerStep = 5, long ManyRows = SnapshotSizes.UsualManyRows)
{
    /// <summary>Beyond so many records a reading of what changed since a gap comes first; the sweep proves the rest.</summary>
    public const long UsualManyRows = 100_000;
}
