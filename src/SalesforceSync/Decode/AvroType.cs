namespace SalesforceSync.Decode;

/// <summary>
/// A parsed Avro type. Recursion is refused by the parser, so that every type is a finite tree (named types may be shared), whose size and depth are known when
/// it is made. Immutable.
/// </summary>
internal abstract class AvroType(int depth, long nodes)
{
    /// <summary>Records, arrays and maps inside each other, counting this one.</summary>
    public int Depth { get; } = depth;

    /// <summary>Types in the tree with shared ones counted at each use.</summary>
    public long Nodes { get; } = nodes;
}

internal enum AvroKind
{
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

/// <summary>What the standard logical types say about a number or bytes. Unknown ones are ignored, as the Avro specification asks.</summary>
internal enum AvroLogical
{
    None,
    TimestampMillis,
    TimestampMicros,
    Date,
    TimeMillis,
    TimeMicros,
    Decimal,
}

internal sealed class AvroPrimitive(AvroKind kind, AvroLogical logical = AvroLogical.None, int scale = 0) : AvroType(0, 1)
{
    public AvroKind Kind { get; } = kind;

    public AvroLogical Logical { get; } = logical;

    /// <summary>Digits behind the point of a decimal.</summary>
    public int Scale { get; } = scale;
}

/// <summary>Bytes of a fixed number; a decimal when <see cref="Scale"/> is set.</summary>
internal sealed class AvroFixed(int size, int? scale) : AvroType(0, 1)
{
    public int Size { get; } = size;

    public int? Scale { get; } = scale;
}

internal sealed class AvroEnum(string name, IReadOnlyList<string> symbols) : AvroType(0, 1)
{
    public string Name { get; } = name;

    public IReadOnlyList<string> Symbols { get; } = symbols;

    /// <summary>The symbols as UTF-8, ready to be values.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Texts { get; } = [.. symbols.Select(s => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(s))];
}

internal sealed class AvroArray(AvroType items) : AvroType(items.Depth + 1, items.Nodes + 1)
{
    public AvroType Items { get; } = items;
}

internal sealed class AvroMap(AvroType values) : AvroType(values.Depth + 1, values.Nodes + 1)
{
    public AvroType Values { get; } = values;
}

internal sealed class AvroUnion(IReadOnlyList<AvroType> branches)
    : AvroType(branches.Max(b => b.Depth), 1 + branches.Sum(b => b.Nodes))
{
    public IReadOnlyList<AvroType> Branches { get; } = branches;
}

/// <param name="Doc">The <c>doc</c> attribute: Salesforce's only word on what a field means.</param>
internal sealed record AvroField(string Name, AvroType Type, string? Doc);

internal sealed class AvroRecord(string name, IReadOnlyList<AvroField> fields)
    : AvroType(1 + fields.Select(f => f.Type.Depth).DefaultIfEmpty().Max(), 1 + fields.Sum(f => f.Type.Nodes))
{
    /// <summary>Without the namespace.</summary>
    public string Name { get; } = name;

    public IReadOnlyList<AvroField> Fields { get; } = fields;
}
