using System.Text;
using CsvHelper;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Snapshot;

/// <summary>A page of results ended before its end; what came of it counts, the rest is to be fetched again.</summary>
/// <param name="isOpenEnd">All rows are there; only the end of the last line is not.</param>
internal sealed class TruncatedPageException(string objectName, long rows, long? expected, bool isOpenEnd = false)
    : Exception($"a page of {objectName} broke off after {rows} rows{(expected is { } e ? $" of {e}" : "")}")
{
    public bool IsOpenEnd { get; } = isOpenEnd;
}

/// <summary>
/// Reads the CSV of one Bulk page from its stream, row by row, as parts of a size. A row is given out only when it is known to be whole: the next one has begun,
/// or the page has ended as a page ends. Bounded memory: one part, and one row.
/// </summary>
/// <param name="expected">The rows the page is said to have, or null.</param>
/// <param name="takesOpenEnd">The page came without the end of its last line before: this server writes none.</param>
internal sealed class CsvPage(Stream csv, ReadShape shape, IReadOnlyList<EvidenceField> fields, long? expected, bool takesOpenEnd = false) : IAsyncDisposable
{
    /// <summary>A record is at most a few megabytes (2 MB per row in the Bulk API's own limits); what is longer is no CSV.</summary>
    private const int LongestRecord = 64 * 1024 * 1024;

    /// <summary>What a value costs in memory beside its bytes.</summary>
    private const int ValueCost = 40;

    private static readonly CsvReaderOptions Options = new()
    {
        Separator = ',',
        BufferSize = 256 * 1024,
        MaxRecordSize = LongestRecord,
        IncludeValuesInExceptions = false,
        Encoding = Encoding.UTF8,
        SkipEmptyLines = true,
    };

    private readonly LastByte _end = new(csv);
    private readonly EvidenceField[] _fields = [.. fields];
    private CsvReader? _reader;
    private int[] _places = [];
    private int _id;
    private int _deleted = -1;
    private int _stamp = -1;
    private EvidenceRow? _held;
    private TruncatedPageException? _broken;

    /// <summary>Rows given out.</summary>
    public long Rows { get; private set; }

    /// <summary>The page is read to its end, and it is a whole one.</summary>
    public bool IsRead { get; private set; }

    /// <summary>Passes over rows that were merged before.</summary>
    /// <exception cref="TruncatedPageException">It has not so many.</exception>
    public async Task SkipAsync(long rows, CancellationToken stop)
    {
        await OpenAsync(stop);
        for (; Rows < rows; Rows++)
        {
            if (!await _reader!.ReadAsync(stop)) throw new TruncatedPageException(shape.Object, Rows, expected);
        }
    }

    /// <summary>The next rows, at most so many and about so many bytes; none at the end.</summary>
    /// <exception cref="TruncatedPageException">The page broke off; what was given out before is good.</exception>
    /// <exception cref="UnreadableValueException">A value does not fit its column.</exception>
    /// <exception cref="CsvFormatException">This is no CSV.</exception>
    /// <exception cref="FormatException">A stamp or a flag is none.</exception>
    public async Task<IReadOnlyList<EvidenceRow>> NextAsync(int maxRows, long maxBytes, CancellationToken stop)
    {
        await OpenAsync(stop);
        if (_broken is not null) throw _broken;
        var rows = new List<EvidenceRow>();
        var room = new TextRoom();
        while (!IsRead && rows.Count < maxRows && room.Length + ((long)rows.Count * fields.Count * ValueCost) < maxBytes)
        {
            if (!await _reader!.ReadAsync(stop))
            {
                End(rows);
                break;
            }
            if (_held is not null) rows.Add(_held);
            var isClosed = _reader!.RawRecord.Count((byte)'"') % 2 == 0;
            (_held, var fault) = Hold(room, isClosed);
            if (fault is null) continue;
            // What cannot be read is the end of a page that broke off, unless more rows follow.
            if (await _reader!.ReadAsync(stop) || (isClosed && _end.IsLineEnd)) throw fault;
            _broken = new(shape.Object, Rows + rows.Count, expected);
            break;
        }
        Rows += rows.Count;
        return rows.Count == 0 && _broken is not null ? throw _broken : rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null) await _reader.DisposeAsync();
        await csv.DisposeAsync();
    }

    // Without the end of its line the last value may be half of what it was. What is whole is given out before the page is called broken.
    private void End(List<EvidenceRow> rows)
    {
        var isOpenEnd = _held is not null && !_end.IsLineEnd && !takesOpenEnd;
        if (_held is not null && !isOpenEnd) rows.Add(_held);
        var last = Rows + rows.Count;
        if (isOpenEnd || (last < expected && !PlantedBug.Is(PlantedBugs.RowsUncounted)))
            _broken = new(shape.Object, last, expected, isOpenEnd && last + 1 == (expected ?? last + 1));
        (_held, IsRead) = (null, _broken is null);
    }

    private (EvidenceRow? Row, Exception? Fault) Hold(TextRoom room, bool isClosed)
    {
        if (_reader!.FieldCount != _reader.Headers.Count)
            return (null, new CsvFormatException($"a row of {shape.Object} has not the fields of its header"));
        try
        {
            return isClosed ? (Row(room), null) : (null, new CsvFormatException($"a row of {shape.Object} ends inside a text"));
        }
        catch (Exception unreadable) when (unreadable is FormatException or UnreadableValueException or CsvFormatException)
        {
            return (null, unreadable);
        }
    }

    private async Task OpenAsync(CancellationToken stop)
    {
        if (_reader is not null) return;
        _reader = CsvReader.Create(_end, Options, true);
        await _reader.ReadHeaderAsync(stop);
        int Place(string name)
        {
            for (var i = 0; i < _reader.Headers.Count; i++)
                if (_reader.Headers[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
            return -1;
        }
        (_id, _deleted, _stamp) = (Place(ReadShape.Id), Place(ReadShape.IsDeleted), Place(ReadShape.Stamp));
        _places = [.. fields.Select(field => Place(field.Name))];
        // An answer without a single row may come without a header as well.
        if (_reader.Headers.Count > 0 && (_id < 0 || _places.Any(place => place < 0)))
            throw new CsvFormatException($"the header of a page of {shape.Object} has not the fields of the query");
    }

    private EvidenceRow Row(TextRoom room)
    {
        var reader = _reader!;
        var id = RecordId.Of(reader.GetSpan(_id)) ?? throw new CsvFormatException($"a row of {shape.Object} has no id");
        var deleted = _deleted >= 0 && SalesforceText.IsTrue(reader.GetSpan(_deleted));
        var stamp = _stamp >= 0 && reader.GetSpan(_stamp) is { IsEmpty: false } text ? SalesforceText.Moment(text) : (DateTimeOffset?)null;
        var values = new FieldValue[_fields.Length];
        var substitutes = room.Substitutes;
        for (var i = 0; i < values.Length; i++)
            values[i] = SalesforceText.Value(_fields[i], reader.GetSpan(_places[i]), room);
        return new(id, deleted, stamp, values) { IsSubstituted = room.Substitutes > substitutes };
    }
}
