using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A column an event schema asks for under the object's rule.</summary>
/// <param name="Leaf">Null for the composed name of a person, which no event carries.</param>
internal sealed record WantedColumn(string Field, string Column, ColumnType Type, LeafField? Leaf)
{
    public bool IsNamePart => Leaf?.NameRole is NameRole.FirstName or NameRole.MiddleName or NameRole.LastName or NameRole.Suffix;

    /// <summary>In schema order, without the record's id, which the header carries; the composed name first, so that it is never the one without room.</summary>
    /// <exception cref="RefusedNameException">A name is no API name, stands twice or is one of the system columns.</exception>
    public static IReadOnlyList<WantedColumn> Of(EventSchema schema, ObjectRule rule)
    {
        var wanted = new List<WantedColumn>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var leaf in schema.Leaves)
        {
            if (leaf.ApiName is null) continue;
            var column = PostgresName.Of(leaf.ApiName);
            if (SystemColumns.Contains(column)) throw new RefusedNameException("a field has the name of a system column");
            if (!names.Add(column)) throw new RefusedNameException("two fields of one schema have the same name");
            if (column != SystemColumns.Id && rule.Copies(leaf)) wanted.Add(new(leaf.ApiName, column, ColumnTypes.Of(leaf.Type), leaf));
        }
        var nameColumn = PostgresName.Of(PersonName.Field);
        if (wanted.Any(w => w.IsNamePart) && !names.Contains(nameColumn) && rule.Copies(PersonName.Field))
            wanted.Insert(0, new(PersonName.Field, nameColumn, ColumnType.Text, null));
        return wanted;
    }
}
