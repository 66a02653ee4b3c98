namespace SalesforceSync.Sweep;

/// <summary>What is known of an object before it is compared.</summary>
/// <param name="State"><c>copied</c>, <c>paused</c> or <c>frozen</c>.</param>
/// <param name="Rows">Records Salesforce had when it was last counted, deleted ones too where known; null: never.</param>
/// <param name="Fields">API names of what the last whole reading brought; null: there was none.</param>
/// <param name="Table">The table's name, or null while there is none.</param>
/// <param name="HasModified">The table has <c>lastmodifieddate</c>.</param>
internal sealed record SweepTarget(
    string Object, string Channel, string State, string? StateReason, long? Rows, IReadOnlyList<string>? Fields, string? Table, bool HasModified);
