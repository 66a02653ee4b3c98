using Dapper;
using Npgsql;
using SalesforceSync.Database;

namespace SalesforceSync;

/// <summary>Draws the org's state from what its loops report and what the control tables say, and writes it down when it changes.</summary>
internal sealed class OrgStateKeeper(NpgsqlDataSource source, Ownership ownership, OrgProgress progress, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Gaps change seldom: asked for at every n-th look.</summary>
    private const int GapsEvery = 10;

    private const string OpenGaps = "select count(*) from salesforce_sync.coverage where org = @Org and state = 'gap' and to_event is null";

    private const string FirstReadings = """
        select count(*) from salesforce_sync.read where org = @Org and kind = 'snapshot' and reason = 'start' and state in ('waiting', 'reading', 'merging')
        """;

    private const string Write = """
        update salesforce_sync.org set state = @State, state_reason = @Reason
        where name = @Org and epoch = @Epoch and owner = @Owner and (state, state_reason) is distinct from (@State, @Reason)
        """;

    public async Task RunAsync(CancellationToken stop)
    {
        (OrgState, string)? written = null;
        var (gaps, readings) = (0L, 0L);
        for (var look = 0; ; look++)
        {
            if (look % GapsEvery == 0)
                gaps = await CountAsync(OpenGaps, stop);
            readings = await CountAsync(FirstReadings, stop);
            var (state, reasons) = Draw(gaps, readings);
            progress.Set(state, reasons);
            var reason = string.Join("; ", reasons);
            if (written != (state, reason))
                await WriteAsync(state, reason, stop);
            written = (state, reason);
            await Task.Delay(Interval, time, stop);
        }
    }

    private (OrgState, List<string>) Draw(long gaps, long readings)
    {
        var channels = progress.Channels;
        var halted = channels.Where(c => c.Halted is not null).Select(c => c.Halted!).ToList();
        if (halted.Count > 0)
            return (OrgState.Failed, halted);
        var reasons = channels.Where(c => c.Receive.Trouble is not null).Select(c => $"{c.Channel}: {c.Receive.Trouble}").ToList();
        if (gaps > 0)
            reasons.Insert(0, $"{gaps} gaps are open: see salesforce_sync.coverage where state = 'gap' and to_event is null");
        if (gaps > 0 || channels.Any(c => c.IsPastDeadline))
            return (OrgState.Degraded, reasons);
        if (readings > 0)
            return (OrgState.Snapshotting, reasons);
        return (channels.All(c => c.Receive.IsListening && c.Apply.IsCaughtUp) ? OrgState.Streaming : OrgState.CatchingUp, reasons);
    }

    private async Task<long> CountAsync(string sql, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, new { ownership.Org }, cancellationToken: stop));
    }

    private async Task WriteAsync(OrgState state, string reason, CancellationToken stop)
    {
        await using var connection = await source.OpenConnectionAsync(stop);
        await connection.ExecuteAsync(new CommandDefinition(
            Write, new { State = state.Name(), Reason = reason, ownership.Org, ownership.Epoch, ownership.Owner }, cancellationToken: stop));
    }
}
