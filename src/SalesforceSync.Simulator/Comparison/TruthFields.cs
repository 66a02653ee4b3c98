using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Comparison;

/// <summary>
/// Reads the records of one object out as truth: the fields there are now, and the name of a person, which is made of its parts. Under the org's lock.
/// </summary>
internal sealed class TruthFields
{
    private readonly SimulatedObject _source;
    private readonly IReadOnlyList<Leaf> _leaves;
    private readonly bool _joinedName;

    public TruthFields(SimulatedObject source, AnnouncedFields announced, Access access)
    {
        _source = source;
        _leaves = source.Leaves;
        _joinedName = source.HasPersonName && source.Find("Name") is null;
        var readable = access.MayRead(source);
        var fields = _leaves.Select(leaf => new TruthField(leaf.RestName, leaf.Kind)
        {
            Announced = announced.Contains(source, leaf),
            Visible = readable && access.MaySee(source, leaf.Field),
            Formula = leaf.Field.Formula is not null
        }).ToList();
        if (_joinedName) fields.Add(new TruthField("Name", ValueKind.Text) { Announced = announced.Any(source), Visible = readable });
        Fields = fields;
    }

    public IReadOnlyList<TruthField> Fields { get; }

    public TruthRecord Copy(SimulatedRecord record)
    {
        var values = new object?[Fields.Count];
        var name = _source.HasPersonName ? _source.Find("Name") : null;
        for (var i = 0; i < _leaves.Count; i++)
        {
            values[i] = _leaves[i] == name ? record.Values[name] ?? record.FullName() : record.Values[_leaves[i]];
        }
        if (_joinedName) values[^1] = record.FullName();
        return new TruthRecord(_source.Name, record.Id, record.Deleted, record.Dirty, record.TransactionKey, record.Sequence, values)
        {
            Purged = record.Purged,
            Deletes = record is { Deleted: true, Deletes.Count: > 1 } ? record.Deletes : []
        };
    }
}
