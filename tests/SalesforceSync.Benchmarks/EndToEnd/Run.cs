using Npgsql;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>One contestant's way through events that were all released at once.</summary>
/// <param name="Events">Applied.</param>
/// <param name="Seconds">From the release until the last was seen applied.</param>
/// <param name="Cpu">Seconds of the contestant's own process.</param>
internal sealed record Run(string Contestant, int Events, double Seconds, double Cpu, double OrgCpu, double PostgresCpu)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Still = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public double PerSecond => Events / Seconds;

    public static async Task<Run> MeasureAsync(IContestant contestant, int events, int postmaster, TimeProvider time, CancellationToken stop)
    {
        await contestant.Org.PrepareAsync(events, rate: 0, time, stop);
        await using var connection = new NpgsqlConnection(contestant.Database);
        await connection.OpenAsync(stop);
        var before = await CaughtUpAsync(contestant, connection, null, time, stop);
        double Contestant() => CpuTime.Of(contestant.ProcessId);
        var (cpu, org, postgres) = (Contestant(), CpuTime.Of(contestant.Org.ProcessId), CpuTime.OfFamily(postmaster));
        var released = time.GetTimestamp();
        await contestant.Org.ReleaseAsync(stop);
        var after = await CaughtUpAsync(contestant, connection, before.Position, time, stop);
        var count = (await contestant.Org.CommitsAsync(contestant.Topic, before.Position, stop)).Count;
        return new(
            contestant.Name, count, time.GetElapsedTime(released, after.Seen).TotalSeconds, Contestant() - cpu, CpuTime.Of(contestant.Org.ProcessId) - org,
            CpuTime.OfFamily(postmaster) - postgres);
    }

    /// <summary>
    /// Waits until the position stands still on the last event of the topic, and tells when it was first seen there. The org is asked only then: while
    /// events flow, it has enough to do.
    /// </summary>
    public static async Task<(string? Position, long Seen)> CaughtUpAsync(IContestant contestant, NpgsqlConnection connection, string? after, TimeProvider time, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        var (position, seen) = ((string?)null, began);
        while (true)
        {
            if (contestant.Exited.IsCompleted)
                throw new InvalidOperationException($"{contestant.Name} ended with {await contestant.Exited}:\n{contestant.Log}");
            if (time.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"{contestant.Name} did not catch up within {Patience}:\n{contestant.Log}");
            var now = await PositionAsync(contestant, connection, stop);
            if (now != position)
                (position, seen) = (now, time.GetTimestamp());
            else if (position is not null && time.GetElapsedTime(seen) > Still && position != after && (await contestant.Org.CommitsAsync(contestant.Topic, position, stop)).Count == 0)
                return (position, seen);
            await Task.Delay(Look, time, stop);
        }
    }

    public static async Task<string?> PositionAsync(IContestant contestant, NpgsqlConnection connection, CancellationToken stop)
    {
        try
        {
            await using var read = new NpgsqlCommand(contestant.Position, connection);
            return await read.ExecuteScalarAsync(stop) as string;
        }
        catch (PostgresException missing) when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }
}
