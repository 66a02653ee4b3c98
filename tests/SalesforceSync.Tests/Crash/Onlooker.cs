using Dapper;
using Npgsql;

namespace SalesforceSync.Tests.Crash;

/// <summary>Reads the copy all the while, each time all marked records in one snapshot, and keeps what can only be half a transaction.</summary>
internal sealed class Onlooker(NpgsqlDataSource source, string schema, MarkedRecords marked)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly List<string> _torn = [];

    /// <summary>Snapshots that held marked records.</summary>
    public int Looks { get; private set; }

    /// <summary>Different markers seen: how often the copy changed between two looks.</summary>
    public int Changes { get; private set; }

    public IReadOnlyList<string> Torn => _torn;

    /// <summary>Looks until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        var before = "";
        while (await timer.WaitForNextTickAsync(stop))
        {
            var markers = await LookAsync(stop);
            if (markers is null or []) continue;
            Looks++;
            if (markers.Count != MarkedRecords.Count || markers.Distinct().Count() != 1) _torn.Add(string.Join(", ", markers));
            if (markers[0] != before) Changes++;
            before = markers[0];
        }
    }

    /// <summary>Null where nothing could be read.</summary>
    private async Task<List<string>?> LookAsync(CancellationToken stop)
    {
        if (marked.Query(schema) is not { } query)
            return null;
        await using var connection = await source.OpenConnectionAsync(stop);
        try
        {
            return [.. await connection.QueryAsync<string>(new CommandDefinition(query, cancellationToken: stop))];
        }
        // A deadlock: the worker adds columns to two of the tables, in the other order, and Postgres has chosen us to give way.
        catch (PostgresException missing)
            when (missing.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.DeadlockDetected)
        {
            return null;
        }
    }
}
