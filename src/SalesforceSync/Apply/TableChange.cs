using Npgsql;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Apply;

/// <summary>Carries a plan out on a table, in the caller's transaction.</summary>
internal static class TableChange
{
    /// <exception cref="PostgresException">55P03 when a reader holds the table.</exception>
    public static async Task CarryOutAsync(
        NpgsqlConnection connection, ObjectTable table, CatalogEntry catalog, TablePlan plan, bool createSchema, CancellationToken stop)
    {
        var adds = plan.Add.Count + plan.AddSystem.Count > 0;
        if (catalog.Columns is not null && !adds && plan.Widen.Count == 0) return;
        CrashPoint.Hit(CrashPoints.ApplyBeforeSchema);
        if (createSchema) await RunAsync(connection, TableDdl.CreateSchema(table.Schema), stop);
        if (catalog.Columns is null) await RunAsync(connection, TableDdl.CreateTable(table, plan.Add), stop);
        else if (adds) await RunAsync(connection, TableDdl.AddColumns(table, plan.Add, plan.AddSystem), stop);
        if (plan.Widen.Count > 0) await RunAsync(connection, TableDdl.Widen(table, plan.Widen), stop);
        foreach (var (column, type) in plan.Widen)
            table.Retype(column, type);
        CrashPoint.Hit(CrashPoints.ApplyAfterSchema);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(stop);
    }
}
