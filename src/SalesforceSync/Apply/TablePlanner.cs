using SalesforceSync.Configuration;
using SalesforceSync.Decode;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>
/// Decides, field by field, what a schema makes of a table. Pure. A column belongs to one identity of a field: its field id (rule D7) and what its type can
/// hold. A field that is another now is written elsewhere; one that is again what it was gets its old column back.
/// </summary>
internal sealed class TablePlanner
{
    /// <summary>Rows from which a table is not rewritten to widen a column: it would be locked for longer than a minute.</summary>
    public const long MostRowsRewritten = 1_000_000;

    private readonly CatalogEntry _catalog;
    private readonly SchemaChanges _policy;
    private readonly bool _isReading;
    private readonly Dictionary<string, string> _columns;
    private readonly HashSet<string> _taken;
    private readonly List<(string, string)> _addSystem;
    private readonly List<(string, ColumnType)> _add = [];
    private readonly List<(string, ColumnType)> _widen = [];
    private readonly List<WantedColumn> _written = [];
    private readonly List<FieldRecord> _record = [];
    private readonly List<string> _fill = [];
    private readonly List<string> _stale = [];
    private readonly List<(string, string)> _frozen = [];
    private readonly List<string> _noRoom = [];
    private int _used;
    private bool _isChange;

    private TablePlanner(CatalogEntry catalog, IReadOnlyList<WantedColumn> wanted, SchemaChanges policy, bool isReading)
    {
        (_catalog, _policy, _isReading, _columns) = (catalog, policy, isReading, new(catalog.Columns ?? []));
        _addSystem = catalog.Columns is null ? [] : [.. SystemColumns.All.Where(c => !_columns.ContainsKey(c.Name))];
        _used = catalog.Columns is null ? SystemColumns.All.Count + 1 : catalog.Attributes + _addSystem.Count;
        _taken = [.. _columns.Keys, .. catalog.Fields.Select(f => f.Column), .. wanted.Select(w => w.Column)];
    }

    /// <param name="leaves">
    /// All leaves of the event schema, copied or not: what is missing there is gone from the org. Null for a reading, which may make columns but tells
    /// nothing of what became of the others: it has no field ids, and its types come from describe.
    /// </param>
    public static TablePlan Plan(CatalogEntry catalog, IReadOnlyList<WantedColumn> wanted, IReadOnlyList<LeafField>? leaves, SchemaChanges policy)
    {
        var planner = new TablePlanner(catalog, wanted, policy, leaves is null);
        if (leaves is not null) planner.LookForRemoved(leaves);
        foreach (var column in wanted)
            planner.Place(column);
        return new(
            planner._add, planner._addSystem, planner._widen, planner._written, planner._record, planner._fill, planner._stale, planner._frozen,
            planner._noRoom, planner._isChange && catalog.HasStreamed && leaves is not null);
    }

    private bool TableExists => _catalog.Columns is not null;

    private void LookForRemoved(IReadOnlyList<LeafField> leaves)
    {
        var present = leaves.Where(l => l.ApiName is not null).Select(l => l.ApiName!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (leaves.Any(l => l.NameRole != NameRole.None)) present.Add(PersonName.Field);
        foreach (var field in _catalog.Current.Values.Where(f => f is { IsStreamed: true, IsRemoved: false } && !present.Contains(f.Field)))
        {
            _isChange = true;
            _record.Add(field with { IsRemoved = true });
        }
    }

    private void Place(WantedColumn wanted)
    {
        if (_catalog.Current.GetValueOrDefault(wanted.Field) is { } field) PlaceKnown(wanted, field);
        else if (!_columns.TryGetValue(wanted.Column, out var type)) Make(wanted, wanted.Column);
        else if (Holds(wanted.Column, wanted.Type)) Write(wanted, wanted.Column, Recorded(wanted, wanted.Column));
        else PlaceBeside(wanted, Recorded(wanted, wanted.Column) with { Type = type, Doc = null, FieldId = null }, RepairReason.TypeChanged);
    }

    private void PlaceKnown(WantedColumn wanted, FieldRecord field)
    {
        if (_isReading && field.State == FieldState.Frozen) return;
        if (field.State == FieldState.NoRoom)
        {
            if (_used < TableDdl.MostColumns) Make(wanted, field.Column);
            return;
        }
        var isSame = field.FieldId is not { } before || wanted.FieldId is not { } now || before == now || PlantedBug.Is(PlantedBugs.FieldIdIgnored);
        if (!_columns.ContainsKey(field.Column))
            Make(wanted, field.Column);
        else if (isSame && Holds(field.Column, wanted.Type))
            Continue(wanted, field);
        else if (isSame && WideEnough(field.Column, wanted.Type) is { } wider)
            Widen(wanted, field, wider);
        else
            PlaceBeside(wanted, field, isSame ? RepairReason.TypeChanged : RepairReason.FieldReplaced);
    }

    private void Continue(WantedColumn wanted, FieldRecord field)
    {
        // Nobody wrote it while it was gone or frozen; and a column that a reading of some records made has no values of the others.
        var isBack = !_isReading && (field.IsRemoved || field.State == FieldState.Frozen || (!field.IsStreamed && _catalog.HasStreamed));
        if (isBack)
        {
            _isChange = true;
            _fill.Add(wanted.Field);
        }
        Convert(wanted, field);
        var news = isBack || (!_isReading && !field.IsStreamed) || (wanted.Doc is not null && field.Doc != wanted.Doc)
            || (wanted.FieldId is not null && field.FieldId != wanted.FieldId);
        Write(wanted, field.Column, news ? Recorded(wanted, field.Column) : null);
    }

    /// <summary>An administrator converted the field: its values may be others now, and no event says so.</summary>
    private void Convert(WantedColumn wanted, FieldRecord field)
    {
        if (_isReading || LeafDoc.TypeOf(field.Doc) is not { } before || LeafDoc.TypeOf(wanted.Doc) is not { } now || before == now || wanted.Place is null) return;
        _stale.Add(wanted.Field);
        if (!_fill.Contains(wanted.Field)) _fill.Add(wanted.Field);
    }

    private void Widen(WantedColumn wanted, FieldRecord field, ColumnType wider)
    {
        _isChange = true;
        _widen.Add((field.Column, wider));
        _columns[field.Column] = wider.Sql();
        if (field.IsRemoved || field.State == FieldState.Frozen) _fill.Add(wanted.Field);
        Convert(wanted, field);
        Write(wanted, field.Column, Recorded(wanted, field.Column));
    }

    /// <summary>The field is another than the one whose column there is.</summary>
    private void PlaceBeside(WantedColumn wanted, FieldRecord before, string reason)
    {
        if (_isReading) return;
        var again = _catalog.Fields.FirstOrDefault(f => f.State == FieldState.Replaced && IsIdentityOf(f, wanted));
        if (_policy == SchemaChanges.Additive || (again is null && _used >= TableDdl.MostColumns))
        {
            Freeze(before, _policy == SchemaChanges.Additive ? reason : RepairReason.TooManyColumns);
            return;
        }
        _isChange = true;
        var column = again?.Column ?? FreeName(wanted.Field);
        _stale.Add(wanted.Field);
        _record.Add(before with
        {
            State = FieldState.Replaced,
            Reason = reason,
            ReplacedBy = column,
            IsRemoved = before.IsRemoved || reason == RepairReason.FieldReplaced,
        });
        if (again is null)
        {
            Make(wanted, column);
            return;
        }
        _fill.Add(wanted.Field);
        Write(wanted, column, Recorded(wanted, column));
    }

    private void Freeze(FieldRecord field, string reason)
    {
        if (field is { State: FieldState.Frozen } && field.Reason == reason) return;
        _isChange = true;
        _frozen.Add((field.Field, reason));
        _record.Add(field with { State = FieldState.Frozen, Reason = reason });
    }

    private void Make(WantedColumn wanted, string column)
    {
        _isChange = true;
        if (_used >= TableDdl.MostColumns)
        {
            _noRoom.Add(wanted.Field);
            _record.Add(Recorded(wanted, column) with { State = FieldState.NoRoom, Reason = RepairReason.TooManyColumns });
            return;
        }
        _used++;
        _add.Add((column, wanted.Type));
        _columns[column] = wanted.Type.Sql();
        if (TableExists && !_isReading && wanted.Place is not null) _fill.Add(wanted.Field);
        Write(wanted, column, Recorded(wanted, column));
    }

    private void Write(WantedColumn wanted, string column, FieldRecord? record)
    {
        var isHidden = !_isReading && _catalog.Fields.Any(f => f.Column == column && f.IsHidden);
        _written.Add(wanted with { Column = column, Type = ColumnTypes.FromCatalog(_columns[column])!.Value, IsHidden = isHidden });
        if (record is not null) _record.Add(record with { Type = _columns[column] });
    }

    private bool IsIdentityOf(FieldRecord former, WantedColumn wanted) =>
        former.Field.Equals(wanted.Field, StringComparison.OrdinalIgnoreCase) && Holds(former.Column, wanted.Type)
        && (former.FieldId is not { } before || wanted.FieldId is not { } now || before == now);

    private bool Holds(string column, ColumnType value) => TypeOf(column) is { } type && type.Holds(value);

    private ColumnType? WideEnough(string column, ColumnType value) =>
        !_isReading && _policy != SchemaChanges.Additive && _catalog.Rows < MostRowsRewritten ? TypeOf(column)?.WideEnough(value) : null;

    private ColumnType? TypeOf(string column) => _columns.GetValueOrDefault(column) is { } type ? ColumnTypes.FromCatalog(type) : null;

    private string FreeName(string field)
    {
        for (var number = 2; ; number++)
        {
            var name = PostgresName.Beside(field, number);
            if (!SystemColumns.Contains(name) && _taken.Add(name)) return name;
        }
    }

    private FieldRecord Recorded(WantedColumn wanted, string column) =>
        new(wanted.Field, column, wanted.Type.Sql(), wanted.Doc, wanted.FieldId, IsStreamed: !_isReading);
}
