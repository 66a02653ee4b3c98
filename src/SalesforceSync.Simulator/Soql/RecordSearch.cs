using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Soql;

/// <summary>A query whose object and columns have been looked up for the integration user.</summary>
internal sealed class RecordSearch
{
    private readonly Func<SimulatedRecord, bool> _wanted;
    private readonly bool _all;

    /// <param name="all">Records in the recycle bin too, as <c>queryAll</c>.</param>
    /// <exception cref="SoqlError">The query cannot be run.</exception>
    public RecordSearch(SoqlQuery query, ObjectColumns columns, bool all)
    {
        Query = query;
        Columns = columns;
        _all = all;
        Selected = [.. query.Fields.Select(name => columns[name])];
        var filter = new SoqlFilter<SimulatedRecord>(columns.Object.Name, columns.Find);
        _wanted = filter.Of(query.Where);
        Order = query.Orders.Count == 0 ? null : filter.Of(query.Orders);
        IdRange = Soql.IdRange.Of(query.Where);
    }

    public SoqlQuery Query { get; }

    public ObjectColumns Columns { get; }

    public SimulatedObject Object => Columns.Object;

    public IReadOnlyList<ObjectColumn> Selected { get; }

    /// <summary>Null: any order will do.</summary>
    public Comparison<SimulatedRecord>? Order { get; }

    /// <summary>What the conditions say about ids alone.</summary>
    public IdRange IdRange { get; }

    public bool IsInIdOrder => Query.Orders is [{ Descending: false } first] && first.Field.Equals("Id", StringComparison.OrdinalIgnoreCase);

    public bool Wants(SimulatedRecord record) => (_all || !record.Deleted) && _wanted(record);
}
