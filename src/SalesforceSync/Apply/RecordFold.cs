using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>
/// Several changes of one record as one write (rule D9): the last value of each column touched, the last event's system columns, and what becomes of the row
/// for each of the three things it may have been.
/// </summary>
internal sealed class RecordFold(string id)
{
    private (int Column, FieldValue Value)[] _values = [];
    private int _count;
    private List<(int Column, UnfitDiff Diff)>? _unfit;

    public string Id => id;

    /// <summary>The columns written; one without a value is written null.</summary>
    public ColumnSet Columns { get; } = new();

    public long Number { get; private set; }

    /// <summary>The header of the last change; not null once a change was added.</summary>
    public ChangeEventHeader Header { get; private set; } = null!;

    public RowState IfAbsent { get; private set; } = RowState.Absent;

    public RowState IfLive { get; private set; } = RowState.Live;

    public RowState IfDeleted { get; private set; } = RowState.Tombstone;

    /// <summary>The row becomes the same whatever it was.</summary>
    public bool IsCertain => IfAbsent == IfLive && IfAbsent == IfDeleted;

    /// <summary>The row goes.</summary>
    public bool IsGone => !IfLive.Exists;

    public bool IsDeleted => IfLive.Deleted;

    /// <summary>Columns with a value and their values, in no order.</summary>
    public ReadOnlySpan<(int Column, FieldValue Value)> Values => _values.AsSpan(0, _count);

    public bool HasUnfit => _unfit is { Count: > 0 };

    /// <summary>Text differences that could not be applied and were not overtaken since, in the order they came.</summary>
    public IEnumerable<UnfitDiff> Unfit => _unfit?.Select(diff => diff.Diff) ?? [];

    public FieldValue Value(int column)
    {
        foreach (ref readonly var entry in Values)
        {
            if (entry.Column == column) return entry.Value;
        }
        return FieldValue.Null;
    }

    public void Add(NumberedChange change, SchemaBinding binding, TextDiffs diffs)
    {
        (Number, Header) = (change.Number, change.Event.Header);
        switch (Header.Kind)
        {
            case ChangeKind.Create or ChangeKind.Undelete:
                Become(static _ => RowState.AfterFullRecord);
                ClearAll(binding);
                Set(change, binding, diffs);
                break;
            case ChangeKind.Update:
                Become(static state => state.AfterUpdate());
                Set(change, binding, diffs);
                break;
            case ChangeKind.Delete when binding.HardDeletes:
                Become(static _ => RowState.AfterHardDelete);
                Forget(binding.Table);
                break;
            case ChangeKind.Delete:
                Become(static state => state.AfterSoftDelete());
                break;
            default:
                throw new UnwritableChangeException(change.Number, $"{Header.EntityName}: a change of kind {Header.Kind} writes no row");
        }
    }

    private void Become(Func<RowState, RowState> next) => (IfAbsent, IfLive, IfDeleted) = (next(IfAbsent), next(IfLive), next(IfDeleted));

    /// <summary>A row that was removed comes back with nothing of what it had.</summary>
    private void Forget(ObjectTable table)
    {
        (_count, _unfit) = (0, null);
        foreach (var column in table.Columns)
            Columns.Add(column.Index);
    }

    /// <summary>A full record sets every column of its own schema; of the others it says nothing.</summary>
    private void ClearAll(SchemaBinding binding)
    {
        var kept = 0;
        foreach (var entry in Values)
        {
            if (!binding.All.Contains(entry.Column)) _values[kept++] = entry;
        }
        _count = kept;
        _unfit?.RemoveAll(diff => binding.All.Contains(diff.Column));
        Columns.UnionWith(binding.All);
        if (binding.Table.PersonName is { } name && binding.Table.ComposedParts.Any(part => binding.All.Contains(part.Index)))
            Unset(name.Index);
    }

    private void Set(NumberedChange change, SchemaBinding binding, TextDiffs diffs)
    {
        var writes = change.Event.Writes;
        var (table, composes, wholeCleared) = (binding.Table, false, false);
        FieldValue? whole = null;
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            if (binding.ColumnOf(write.Field) is not { } column) continue;
            if (write.IsDiff)
            {
                SetDifferent(table, column, change, write, diffs);
                continue;
            }
            if (table.PersonName == column)
            {
                if (write.Value.IsNull) wholeCleared = true;
                else whole = write.Value;
                continue;
            }
            Put(column.Index, SchemaBinding.ValueOf(write, column));
            composes |= write.Field.NameRole is NameRole.FirstName or NameRole.MiddleName or NameRole.LastName or NameRole.Suffix;
        }
        if (table.PersonName is not { } name) return;
        if (whole is { } business) SetWhole(table, name, business);
        else if (composes) Unset(name.Index);
        else if (wholeCleared) SetWhole(table, name, FieldValue.Null);
    }

    private void SetDifferent(ObjectTable table, TableColumn column, NumberedChange change, in FieldWrite write, TextDiffs diffs)
    {
        var present = Columns.Contains(column.Index) ? Value(column.Index) : (FieldValue?)null;
        if (diffs.Apply(table, Id, column, present, change, write) is { } made) Put(column.Index, made);
        else (_unfit ??= []).Add((column.Index, new(table.Object, Id, column.Name, change.Received, change.Event.Header.SequenceNumber, write.Value.IsNull ? "" : write.Value.Text)));
    }

    private void SetWhole(ObjectTable table, TableColumn name, in FieldValue value)
    {
        Put(name.Index, value);
        foreach (var part in table.NameParts)
            Put(part.Index, FieldValue.Null);
    }

    private void Put(int column, in FieldValue value)
    {
        _unfit?.RemoveAll(diff => diff.Column == column);
        if (!Columns.Add(column))
        {
            for (var i = 0; i < _count; i++)
            {
                if (_values[i].Column != column) continue;
                if (value.IsNull) _values[i] = _values[--_count];
                else _values[i].Value = value;
                return;
            }
        }
        if (value.IsNull) return;
        if (_count == _values.Length) Array.Resize(ref _values, Math.Max(4, _count * 2));
        _values[_count++] = (column, value);
    }

    private void Unset(int column)
    {
        Put(column, FieldValue.Null);
        Columns.Remove(column);
    }
}
