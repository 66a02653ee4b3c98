using System.IO.Pipelines;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>Rows of a crowd, written when they are fetched: nothing is kept.</summary>
internal sealed class CrowdRows : CsvRows
{
    private const int Chunk = 64 * 1024;
    private readonly CrowdField[] _fields;
    private readonly CsvShape _shape;
    private readonly int _first;
    private readonly int _longest;

    private CrowdRows(Crowd crowd, RecordSearch search, CsvShape shape, int first, int count)
    {
        _fields = [.. search.Selected.Select(column => CrowdField.Of(crowd, column))];
        _shape = shape;
        _first = first;
        Count = count;
        _longest = _fields.Sum(field => field.Longest + 3) + 2;
    }

    public override int Count { get; }

    /// <summary>The rows of a crowd that a query asks for; kept ones where it asks for more than a range of ids.</summary>
    public static CsvRows Of(Crowd crowd, RecordSearch search, CsvShape shape)
    {
        var (first, count) = crowd.Within(search.IdRange);
        if (search.IdRange.IsWhole) return new CrowdRows(crowd, search, shape, first, count);
        var kept = new KeptRows(shape);
        for (var number = first; number < first + count; number++)
        {
            var record = crowd.Record(number);
            if (search.Wants(record)) kept.Add(record, search.Selected);
        }
        return kept;
    }

    public override async Task WriteAsync(PipeWriter output, int first, int count, CancellationToken stop)
    {
        var (number, end) = (_first + first, _first + first + count);
        while (number < end)
        {
            number = Fill(output, number, end);
            await output.FlushAsync(stop);
        }
    }

    private int Fill(PipeWriter output, int number, int end)
    {
        var span = output.GetSpan(Math.Max(Chunk, _longest));
        var written = 0;
        for (; number < end && span.Length - written >= _longest; number++)
        {
            for (var i = 0; i < _fields.Length; i++)
            {
                if (i > 0) span[written++] = (byte)_shape.Delimiter;
                span[written++] = (byte)'"';
                written += _fields[i].Write(number, span[written..]);
                span[written++] = (byte)'"';
            }
            if (_shape.CrLf) span[written++] = (byte)'\r';
            span[written++] = (byte)'\n';
        }
        output.Advance(written);
        return number;
    }
}
