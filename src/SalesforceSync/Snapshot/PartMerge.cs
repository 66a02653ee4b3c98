using System.Threading.Channels;
using SalesforceSync.Apply;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Snapshot;

/// <summary>Merges the parts of a reading one after another while the next one is read; at most three are in memory. Returns the reading as it stands then.</summary>
internal sealed class PartMerge(EvidenceMerge merge)
{
    public async Task<Read> MergeAsync(Read read, Func<CancellationToken, IAsyncEnumerable<RowPart>> parts, CancellationToken stop)
    {
        var between = Channel.CreateBounded<RowPart>(1);
        var current = read;
        await using var work = new TaskGroup(stop);
        work.Start("read", async token =>
        {
            await foreach (var part in parts(token))
                await between.Writer.WriteAsync(part, token);
            between.Writer.Complete();
        });
        work.Start("merge", async token =>
        {
            await foreach (var part in between.Reader.ReadAllAsync(token))
                current = await MergeAsync(current, part, token);
        });
        await work.WhenAllAsync();
        return current;
    }

    private async Task<Read> MergeAsync(Read read, RowPart part, CancellationToken stop)
    {
        var place = part.After.ToString();
        await merge.MergeAsync(read, part.Shape, new EvidenceChunk(part.Rows, [], place, part.PageRows, part.Calls), stop);
        CrashPoint.Hit(CrashPoints.SnapshotAfterPart);
        return read with { Locator = place, PageRows = part.PageRows, RowsMerged = read.RowsMerged + part.Rows.Count };
    }
}
