using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Soql;

/// <summary>A field of an object as describe, REST and Bulk know it; a part of a compound is a column of its own, and so is the compound.</summary>
internal sealed record ObjectColumn(string Name, string Type, Func<SimulatedRecord, object?> Read) : QueryColumn<SimulatedRecord>(Name, Type, Read)
{
    /// <summary>The leaf the column reads, where it reads just one.</summary>
    public Leaf? Leaf { get; init; }

    public int Length { get; init; }

    /// <summary>The compound field this is a part of.</summary>
    public string? Compound { get; init; }

    public bool IsCustom { get; init; }

    public string? ExtraType { get; init; }

    public bool IsCalculated { get; init; }

    /// <summary>For an address or a location: the names and leaves of its parts. REST gives an object, Bulk refuses the column.</summary>
    public IReadOnlyList<(string Name, Leaf Leaf)> Parts { get; init; } = [];
}
