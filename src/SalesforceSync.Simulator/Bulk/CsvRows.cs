using System.Buffers;
using System.Text;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>Part of a job's rows, in CSV as the job asked for it.</summary>
internal abstract class CsvRows
{
    public abstract int Count { get; }

    /// <summary>Writes rows, each with its line end, flushing where it gets much.</summary>
    public abstract Task WriteAsync(System.IO.Pipelines.PipeWriter output, int first, int count, CancellationToken stop);
}

/// <summary>Rows as they were when the job read them.</summary>
internal sealed class KeptRows(CsvShape shape) : CsvRows
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _ends = [];

    public override int Count => _ends.Count;

    public void Add(SimulatedRecord record, IReadOnlyList<ObjectColumn> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0) shape.Delimit(_bytes);
            CsvShape.Quote(_bytes, WireText.Csv(columns[i].Read(record)));
        }
        shape.EndLine(_bytes);
        _ends.Add(_bytes.WrittenCount);
    }

    public override async Task WriteAsync(System.IO.Pipelines.PipeWriter output, int first, int count, CancellationToken stop)
    {
        const int chunk = 1 << 20;
        var at = first == 0 ? 0 : _ends[first - 1];
        var end = count == 0 ? at : _ends[first + count - 1];
        for (; at < end; at += chunk) await output.WriteAsync(_bytes.WrittenMemory[at..Math.Min(end, at + chunk)], stop);
    }
}

/// <summary>How a job wants its CSV.</summary>
internal sealed record CsvShape(char Delimiter, bool CrLf)
{
    public void Delimit(IBufferWriter<byte> output) => output.Write([(byte)Delimiter]);

    public void EndLine(IBufferWriter<byte> output) => output.Write(CrLf ? "\r\n"u8 : "\n"u8);

    public void Header(IBufferWriter<byte> output, IReadOnlyList<ObjectColumn> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (i > 0) Delimit(output);
            Quote(output, columns[i].Name);
        }
        EndLine(output);
    }

    /// <summary>Every value is quoted, nothing too.</summary>
    public static void Quote(IBufferWriter<byte> output, string text)
    {
        output.Write("\""u8);
        Encoding.UTF8.GetBytes(text.Contains('"', StringComparison.Ordinal) ? text.Replace("\"", "\"\"", StringComparison.Ordinal) : text, output);
        output.Write("\""u8);
    }
}
