using SalesforceSync.Configuration;

namespace SalesforceSync.Apply;

/// <summary>What has to be done to a table before rows of a schema can be written. Made by <see cref="TablePlanner"/>.</summary>
/// <param name="Add">Data columns to be made.</param>
/// <param name="AddSystem">System columns missing in a table that exists.</param>
/// <param name="Widen">Columns that get a type which holds more.</param>
/// <param name="Written">The wanted columns that are written, each with the column and type it has after the plan.</param>
/// <param name="Record">Rows of <c>salesforce_sync.field</c> that are new or tell something else now.</param>
/// <param name="Fill">Fields whose old rows have to be read from Salesforce.</param>
/// <param name="Stale">Fields whose values no reading under way may bring any more.</param>
/// <param name="Frozen">Fields that stop being written, and why.</param>
/// <param name="NoRoom">Fields that found no room now.</param>
/// <param name="IsChange">The object has other fields than its last schema had: a matter for <see cref="SchemaChanges"/>.</param>
internal sealed record TablePlan(
    IReadOnlyList<(string Name, ColumnType Type)> Add,
    IReadOnlyList<(string Name, string Definition)> AddSystem,
    IReadOnlyList<(string Name, ColumnType Type)> Widen,
    IReadOnlyList<WantedColumn> Written,
    IReadOnlyList<FieldRecord> Record,
    IReadOnlyList<string> Fill,
    IReadOnlyList<string> Stale,
    IReadOnlyList<(string Field, string Reason)> Frozen,
    IReadOnlyList<string> NoRoom,
    bool IsChange);
