using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Apply;

namespace SalesforceSync.Sweep;

/// <summary>A record as a comparison saw it.</summary>
/// <param name="Stamp">SystemModstamp.</param>
/// <param name="Modified">LastModifiedDate, where it is copied.</param>
internal readonly record struct SeenRecord(string Id, DateTimeOffset? Stamp, bool Deleted, DateTimeOffset? Modified)
{
    private const string Copy = "copy salesforce_sync.seen (read, record_id, stamp, deleted, modified) from stdin (format binary)";

    /// <param name="row">By a shape of <see cref="SweepLead.Shape"/>.</param>
    public static SeenRecord Of(EvidenceRow row, bool hasModified) => new(
        row.Id, row.Stamp, row.IsDeleted, hasModified && !row.Values[0].IsNull ? DateTimeOffset.FromUnixTimeMilliseconds(row.Values[0].Integer) : null);

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
}
