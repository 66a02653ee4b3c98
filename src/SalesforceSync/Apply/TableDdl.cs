using SalesforceSync.Database;

namespace SalesforceSync.Apply;

/// <summary>The statements that make schemas, tables and columns.</summary>
internal static class TableDdl
{
    /// <summary>The most columns a Postgres table can ever have had.</summary>
    public const int MostColumns = 1600;

    public static string CreateSchema(string schema) => $"create schema if not exists {Sql.Quote(schema)}";

    /// <summary>fillfactor 85 leaves room for updated rows on their own page, so that most updates touch no index (measured: 99 % instead of 70 %).</summary>
    public static string CreateTable(ObjectTable table, IEnumerable<(string Name, ColumnType Type)> columns)
    {
        var definitions = SystemColumns.All.Select(c => $"{Sql.Quote(c.Name)} {c.Definition}").Concat(columns.Select(Definition));
        return $"""
            create table {table.Quoted} (
                {Sql.Quote(SystemColumns.Id)} text collate "C" primary key,
                {string.Join(",\n    ", definitions)}
            ) with (fillfactor = 85)
            """;
    }

    public static string AddColumns(ObjectTable table, IEnumerable<(string Name, ColumnType Type)> columns, IEnumerable<(string Name, string Definition)> systemColumns)
    {
        var definitions = systemColumns.Select(c => $"{Sql.Quote(c.Name)} {c.Definition}").Concat(columns.Select(Definition));
        return $"alter table {table.Quoted} {string.Join(", ", definitions.Select(definition => $"add column if not exists {definition}"))}";
    }

    /// <summary>Rewrites the table unless Postgres knows better. Digits go through text: <c>float8::numeric</c> would round to 15 of them.</summary>
    public static string Widen(ObjectTable table, IEnumerable<(string Name, ColumnType Type)> columns) =>
        $"alter table {table.Quoted} {string.Join(", ", columns.Select(c => $"alter column {Sql.Quote(c.Name)} type {c.Type.Sql()} using {Sql.Quote(c.Name)}::text::{c.Type.Sql()}"))}";

    private static string Definition((string Name, ColumnType Type) column) => $"{Sql.Quote(column.Name)} {column.Type.Sql()}";
}
