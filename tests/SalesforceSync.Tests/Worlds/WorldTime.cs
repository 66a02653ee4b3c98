using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// The time of a lane of worlds, which passes only when somebody says so, for the program and for its database: there the functions that tell the time are
/// replaced by some that count on by a microsecond each time they are asked. One world at a time; timers wait as long as they say.
/// </summary>
internal sealed class WorldTime : TimeProvider, IAsyncDisposable
{
    /// <summary>What the sessions of the product have to say first, to find this time.</summary>
    public const string Session = "set search_path = world_time, pg_catalog";

    private const string Make = """
        create schema world_time;
        create sequence world_time.microseconds;
        create function world_time.clock_timestamp() returns timestamptz language sql volatile
            return timestamptz 'epoch' + nextval('world_time.microseconds') * interval '1 microsecond';
        create function world_time.transaction_timestamp() returns timestamptz language sql stable
            return timestamptz 'epoch' + pg_sequence_last_value('world_time.microseconds') * interval '1 microsecond';
        create function world_time.now() returns timestamptz language sql stable return world_time.transaction_timestamp()
        """;

    private static readonly DateTimeOffset Day = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _set;
    private DateTimeOffset _now = Day;

    private WorldTime(NpgsqlConnection connection)
    {
        _connection = connection;
        _set = new("select pg_catalog.setval('world_time.microseconds', $1)", connection) { Parameters = { new() { NpgsqlDbType = NpgsqlDbType.Bigint } } };
    }

    public static async Task<WorldTime> MakeAsync(string database)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using (var make = new NpgsqlCommand(Make, connection))
            await make.ExecuteNonQueryAsync();
        var time = new WorldTime(connection);
        await time.SetAsync(Day);
        await time._set.PrepareAsync();
        return time;
    }

    public override DateTimeOffset GetUtcNow() => _now;

    /// <summary>Another world begins, at a time of the same day that its seed decides.</summary>
    public Task BeginAsync(int seed) => SetAsync(Day.AddSeconds(seed * 1_999L % 86_400));

    public void Pass(TimeSpan time)
    {
        _now += time;
        _set.Parameters[0].Value = Microseconds;
        _set.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        await _set.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private long Microseconds => (_now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private async Task SetAsync(DateTimeOffset now)
    {
        _now = now;
        _set.Parameters[0].Value = Microseconds;
        await _set.ExecuteNonQueryAsync();
    }
}
