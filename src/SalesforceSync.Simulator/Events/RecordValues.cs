using SalesforceSync.Simulator.Schemas;

namespace SalesforceSync.Simulator.Events;

/// <summary>The values of one record by leaf index. Grows when its object gets new fields; what was never set is null.</summary>
internal sealed class RecordValues
{
    private object?[] _values;

    public RecordValues(int leaves) => _values = new object?[leaves];

    private RecordValues(object?[] values) => _values = values;

    public object? this[Leaf leaf] => this[leaf.Index];

    public object? this[int index] => index < _values.Length ? _values[index] : null;

    public void Set(int index, object? value)
    {
        if (index >= _values.Length) Array.Resize(ref _values, index + 1);
        _values[index] = value;
    }

    public RecordValues Copy() => new((object?[])_values.Clone());
}
