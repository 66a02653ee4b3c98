using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>A data column that is written. Its index is its place in masks and in the stage table, and never changes while the table is known.</summary>
internal sealed record TableColumn(int Index, string Name, ColumnType Type)
{
    public string Quoted { get; } = Sql.Quote(Name);
}

/// <summary>
/// The table of one object as far as this process writes it. Columns only come, in the order they became known; columns of others are not among them.
/// Owned by one <see cref="TableRegistry"/>.
/// </summary>
internal sealed class ObjectTable(string objectName, string schema, string name)
{
    private readonly List<TableColumn> _columns = [];
    private readonly Dictionary<string, TableColumn> _byName = [];

    public string Object => objectName;

    public string Schema => schema;

    public string Name => name;

    /// <summary>Schema and name, quoted.</summary>
    public string Quoted { get; } = Sql.Quote(schema, name);

    public IReadOnlyList<TableColumn> Columns => _columns;

    /// <summary>Changes whenever a statement over all columns would.</summary>
    public int Version { get; private set; }

    /// <summary>Where the composed name of a person goes; null while the object has no person's name.</summary>
    public TableColumn? PersonName { get; private set; }

    /// <summary>The columns of <see cref="PersonName"/>'s parts that exist, in the order of the composed name.</summary>
    public IReadOnlyList<TableColumn> ComposedParts { get; private set; } = [];

    /// <summary>The columns a whole name clears.</summary>
    public IReadOnlyList<TableColumn> NameParts { get; private set; } = [];

    public TableColumn? Column(string columnName) => _byName.GetValueOrDefault(columnName);

    public TableColumn Know(string columnName, ColumnType type)
    {
        if (_byName.TryGetValue(columnName, out var known)) return known;
        var column = new TableColumn(_columns.Count, columnName, type);
        _columns.Add(column);
        _byName.Add(columnName, column);
        Version++;
        if (PersonName is not null) KnowPersonName();
        return column;
    }

    /// <summary>The column has another type now; whoever holds the old <see cref="TableColumn"/> has to look it up again.</summary>
    public void Retype(string columnName, ColumnType type)
    {
        if (Column(columnName) is not { } old || old.Type == type) return;
        _columns[old.Index] = _byName[columnName] = old with { Type = type };
        Version++;
    }

    /// <summary>The object's name is a person's; called when all columns of a schema are known.</summary>
    public void KnowPersonName()
    {
        if (Column(PostgresName.Of(Apply.PersonName.Field)) is not { Type: ColumnType.Text } column) return;
        var (composed, parts) = (Existing(Apply.PersonName.Composed), Existing(Apply.PersonName.Parts));
        if (PersonName is not null && parts.Count == NameParts.Count) return;
        (PersonName, ComposedParts, NameParts) = (column, composed, parts);
        Version++;
    }

    /// <summary>A change of these columns makes the name anew.</summary>
    public bool Composes(ColumnSet columns) =>
        PersonName is not null && !columns.Contains(PersonName.Index) && ComposedParts.Any(part => columns.Contains(part.Index));

    private List<TableColumn> Existing(IReadOnlyList<string> names) => [.. names.Select(Column).OfType<TableColumn>().Where(c => c.Type == ColumnType.Text)];
}
