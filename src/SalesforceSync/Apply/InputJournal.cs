using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace SalesforceSync.Apply;

/// <summary>
/// The numbered inputs of one commit for <c>salesforce_sync.input</c> (rule H): which event got which number, and which of them wrote nothing. A large
/// commit has several rows, each for its own range of numbers. Used by one commit.
/// </summary>
internal sealed class InputJournal(string org, string channel)
{
    private const string Insert = """
        insert into salesforce_sync.input (org, first, count, channel, events, partial) values ($1, $2, $3, $4, $5, $6)
        """;

    private readonly List<long> _events = [];
    private Dictionary<long, IReadOnlyList<string>>? _partial;

    public int Count => _events.Count;

    /// <summary>The number after the last one noted belongs to this event.</summary>
    /// <param name="isWritten">False for one that only asks, was parked, or is known already: its number stays unused.</param>
    public void Add(long received, bool isWritten) => _events.Add(isWritten ? received : -received);

    /// <summary>Of the last event added only these records were written.</summary>
    public void AddPartial(long received, IReadOnlyList<string> recordIds)
    {
        _partial ??= [];
        _partial[received] = recordIds;
    }

    /// <summary>Writes what was noted; null when there is nothing.</summary>
    /// <param name="last">The number of the last event added.</param>
    public NpgsqlBatchCommand? Take(long last)
    {
        if (_events.Count == 0)
            return null;
        var insert = new NpgsqlBatchCommand(Insert)
        {
            Parameters =
            {
                new NpgsqlParameter<string> { TypedValue = org, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<long> { TypedValue = last - _events.Count + 1, NpgsqlDbType = NpgsqlDbType.Bigint },
                new NpgsqlParameter<int> { TypedValue = _events.Count, NpgsqlDbType = NpgsqlDbType.Integer },
                new NpgsqlParameter<string> { TypedValue = channel, NpgsqlDbType = NpgsqlDbType.Text },
                new NpgsqlParameter<long[]> { TypedValue = [.. _events], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                new NpgsqlParameter { Value = _partial is null ? DBNull.Value : JsonSerializer.Serialize(_partial), NpgsqlDbType = NpgsqlDbType.Jsonb },
            },
        };
        _events.Clear();
        _partial = null;
        return insert;
    }
}
