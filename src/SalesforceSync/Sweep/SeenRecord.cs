using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Snapshot;

namespace SalesforceSync.Sweep;

/// <summary>A record as a comparison saw it.</summary>
/// <param name="Stamp">SystemModstamp.</param>
/// <param name="Modified">LastModifiedDate.</param>
internal readonly record struct SeenRecord(string Id, DateTimeOffset? Stamp, bool Deleted, DateTimeOffset? Modified)
{
    private const string Copy = "copy salesforce_sync.seen (read, record_id, stamp, deleted, modified) from stdin (format binary)";

    /// <exception cref="FormatException">It has no id of 18 characters.</exception>
    public static SeenRecord Of(JsonElement record) => new(
        Id18(Text(record, ReadShape.Id)), Time(Text(record, ReadShape.Stamp)),
        record.TryGetProperty(ReadShape.IsDeleted, out var deleted) && deleted.ValueKind == JsonValueKind.True, Time(Text(record, SweepLead.Modified)));

    /// <summary>The records of a page of Bulk results.</summary>
    /// <exception cref="FormatException">It is no such page.</exception>
    public static async IAsyncEnumerable<SeenRecord> ReadAsync(Stream csv)
    {
        var rules = new CsvConfiguration(CultureInfo.InvariantCulture) { Mode = CsvMode.RFC4180, BadDataFound = null };
        using var text = new StreamReader(csv);
        using var parser = new CsvParser(text, rules);
        if (!await parser.ReadAsync())
            yield break;
        var header = parser.Record!;
        int Column(string name) => Array.FindIndex(header, h => h.Trim('\uFEFF').Equals(name, StringComparison.OrdinalIgnoreCase));
        var (id, stamp, deleted, modified) = (Column(ReadShape.Id), Column(ReadShape.Stamp), Column(ReadShape.IsDeleted), Column(SweepLead.Modified));
        if (id < 0)
            throw new FormatException("results without a column Id");
        while (await parser.ReadAsync())
        {
            if (parser.Count != header.Length)
                throw new FormatException("a row of results with another number of columns than its header");
            yield return new(Id18(parser[id]), Time(Cell(parser, stamp)), "true".Equals(Cell(parser, deleted), StringComparison.OrdinalIgnoreCase), Time(Cell(parser, modified)));
        }
    }

    /// <summary>Adds records of a reading to <c>salesforce_sync.seen</c>, in the transaction of the connection; returns how many.</summary>
    public static async Task<long> CopyAsync(NpgsqlConnection connection, long read, IAsyncEnumerable<SeenRecord> records, CancellationToken stop)
    {
        await using var copy = await connection.BeginBinaryImportAsync(Copy, stop);
        await foreach (var record in records.WithCancellation(stop))
        {
            await copy.StartRowAsync(stop);
            await copy.WriteAsync(read, NpgsqlDbType.Bigint, stop);
            await copy.WriteAsync(record.Id, NpgsqlDbType.Text, stop);
            await WriteAsync(copy, record.Stamp, stop);
            await copy.WriteAsync(record.Deleted, NpgsqlDbType.Boolean, stop);
            await WriteAsync(copy, record.Modified, stop);
        }
        return (long)await copy.CompleteAsync(stop);
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter copy, DateTimeOffset? time, CancellationToken stop)
    {
        if (time is { } at)
            await copy.WriteAsync(at.UtcDateTime, NpgsqlDbType.TimestampTz, stop);
        else
            await copy.WriteNullAsync(stop);
    }

    private static string Id18(string? id) => id is { Length: 18 } ? id : throw new FormatException("a record without an id of 18 characters");

    private static string? Cell(CsvParser row, int column) => column < 0 ? null : row[column];

    private static DateTimeOffset? Time(string? text) => string.IsNullOrEmpty(text) ? null : SalesforceText.Moment(text);

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
