using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A column that an event schema or a reading asks for under the object's rule. Both ask alike, so that both make the same table.</summary>
/// <param name="Place">The leaf's ordinal or the field's index; null for the composed name of a person, which nothing carries.</param>
/// <param name="Doc">Null where it is not known.</param>
/// <param name="IsHidden">This user is not shown the field: that a full record says nothing of it does not make it null.</param>
internal sealed record WantedColumn(string Field, string Column, ColumnType Type, int? Place, string? Doc, string? FieldId, NameRole NameRole, bool IsHidden = false)
{
    public bool IsNamePart => NameRole is NameRole.FirstName or NameRole.MiddleName or NameRole.LastName or NameRole.Suffix;

    /// <summary>In schema order, without the record's id, which the header carries; the composed name first, so that it is never the one without room.</summary>
    /// <exception cref="RefusedNameException">A name is no API name, stands twice or is one of the system columns.</exception>
    public static IReadOnlyList<WantedColumn> Of(EventSchema schema, ObjectRule rule) => Choose(
        from leaf in schema.Leaves
        where leaf.ApiName is not null
        let column = new WantedColumn(leaf.ApiName!, PostgresName.Of(leaf.ApiName!), ColumnTypes.Of(leaf.Type), leaf.Ordinal, leaf.Doc, leaf.FieldId, leaf.NameRole)
        select (column, rule.Takes(leaf, schema.SchemaId)),
        rule);

    /// <summary>The same of what a reading delivers.</summary>
    /// <exception cref="RefusedNameException">As of an event schema.</exception>
    public static IReadOnlyList<WantedColumn> Of(EvidenceShape shape, ObjectRule rule) => Choose(
        shape.Fields.Select((field, i) => (
            new WantedColumn(field.Name, PostgresName.Of(field.Name), field.Type, i, field.Doc, field.FieldId, field.NameRole),
            rule.Copies(field.Name, field.Compound, field.NameRole))),
        rule);

    private static List<WantedColumn> Choose(IEnumerable<(WantedColumn Column, bool IsCopied)> all, ObjectRule rule)
    {
        var wanted = new List<WantedColumn>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (column, isCopied) in all)
        {
            if (SystemColumns.Contains(column.Column)) throw new RefusedNameException("a field has the name of a system column");
            if (!names.Add(column.Column)) throw new RefusedNameException("two fields of one schema have the same name");
            if (column.Column != SystemColumns.Id && isCopied) wanted.Add(column);
        }
        var nameColumn = PostgresName.Of(PersonName.Field);
        if (wanted.Any(w => w.IsNamePart) && !names.Contains(nameColumn) && rule.Copies(PersonName.Field))
            wanted.Insert(0, new(PersonName.Field, nameColumn, ColumnType.Text, null, null, null, NameRole.None));
        return wanted;
    }
}
