namespace SalesforceSync.Apply;

/// <summary>What has to be done to a table before rows of a schema can be written. Pure.</summary>
/// <param name="Add">Data columns to be made.</param>
/// <param name="AddSystem">System columns missing in a table that exists.</param>
/// <param name="Written">The wanted columns that are written.</param>
/// <param name="Record">Fields whose record is new or tells something else now.</param>
/// <param name="Refused">Reasons why some wanted columns are not written, each once.</param>
internal sealed record TablePlan(
    IReadOnlyList<(string Name, ColumnType Type)> Add,
    IReadOnlyList<(string Name, string Definition)> AddSystem,
    IReadOnlyList<WantedColumn> Written,
    IReadOnlyList<FieldRecord> Record,
    IReadOnlyList<string> Refused)
{
    public static TablePlan For(CatalogEntry catalog, IReadOnlyList<WantedColumn> wanted)
    {
        var existing = catalog.Columns ?? [];
        var missingSystem = catalog.Columns is null ? [] : SystemColumns.All.Where(c => !existing.ContainsKey(c.Name)).ToList();
        var used = catalog.Columns is null ? SystemColumns.All.Count + 1 : catalog.Attributes + missingSystem.Count;
        var (add, written, refused) = (new List<(string, ColumnType)>(), new List<WantedColumn>(), new List<string>());
        foreach (var column in wanted)
        {
            if (Refusal(catalog, existing, column, used + add.Count) is { } reason)
            {
                if (!refused.Contains(reason)) refused.Add(reason);
                continue;
            }
            if (!existing.ContainsKey(column.Column)) add.Add((column.Column, column.Type));
            written.Add(column);
        }
        return new(add, missingSystem, written, [.. written.Where(w => IsNews(catalog, existing, w)).Select(Recorded)], refused);
    }

    private static string? Refusal(CatalogEntry catalog, Dictionary<string, string> existing, WantedColumn column, int used)
    {
        if (!existing.TryGetValue(column.Column, out var type))
            return used >= TableDdl.MostColumns ? RepairReason.TooManyColumns : null;
        if (type != column.Type.Sql())
            return RepairReason.TypeChanged;
        // A deleted and re-created field of the same name is another field (rule D7): its values do not belong beside the old ones.
        var replaced = catalog.Fields.GetValueOrDefault(column.Field)?.FieldId is { } before && column.FieldId is { } now && before != now;
        return replaced ? RepairReason.FieldReplaced : null;
    }

    private static bool IsNews(CatalogEntry catalog, Dictionary<string, string> existing, WantedColumn column) =>
        !existing.ContainsKey(column.Column) || catalog.Fields.GetValueOrDefault(column.Field) is not { } field
        || field.Column != column.Column || (column.Doc is not null && field.Doc != column.Doc) || (column.FieldId is not null && field.FieldId != column.FieldId);

    private static FieldRecord Recorded(WantedColumn column) => new(column.Field, column.Column, column.Type, column.Doc, column.FieldId);
}
