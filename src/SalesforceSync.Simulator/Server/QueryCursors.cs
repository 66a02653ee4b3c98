using System.Collections.Concurrent;
using System.Globalization;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>A query whose pages are still being fetched.</summary>
/// <param name="Rows">Ids of all its records, as they were when it was asked; their values are read page by page.</param>
internal sealed record QueryCursor(string Id, RecordSearch Search, IReadOnlyList<string> Rows, int PageSize, DateTimeOffset At);

/// <summary>The cursors of the org, kept for two days. Any thread.</summary>
internal sealed class QueryCursors(TimeProvider time)
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(2);
    private readonly ConcurrentDictionary<string, QueryCursor> _cursors = new(StringComparer.Ordinal);
    private long _lastId;

    public QueryCursor Open(RecordSearch search, IReadOnlyList<string> rows, int pageSize)
    {
        var cursor = new QueryCursor(SalesforceId.Make("01g", Interlocked.Increment(ref _lastId)), search, rows, pageSize, time.GetUtcNow());
        if (rows.Count > pageSize) _cursors[cursor.Id] = cursor;
        return cursor;
    }

    /// <summary>As in nextRecordsUrl: the cursor's id and the number of the first row.</summary>
    public static string Locator(QueryCursor cursor, int first) => string.Create(CultureInfo.InvariantCulture, $"{cursor.Id}-{first}");

    /// <exception cref="SoqlError">INVALID_QUERY_LOCATOR: none such, or too old.</exception>
    public (QueryCursor Cursor, int First) Find(string locator)
    {
        if (locator.Split('-') is [var id, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && _cursors.TryGetValue(id, out var cursor) && time.GetUtcNow() - cursor.At < Retention && first < cursor.Rows.Count)
            return (cursor, first);
        throw new SoqlError("INVALID_QUERY_LOCATOR", "invalid query locator");
    }
}
