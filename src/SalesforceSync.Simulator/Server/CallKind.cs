namespace SalesforceSync.Simulator.Server;

/// <summary>What a REST request was for, as the server saw it.</summary>
public enum CallKind
{
    Limits,
    DescribeGlobal,
    Describe,
    Query,
    QueryMore,
    Retrieve,
    Updated,
    Deleted,
    BulkCreate,
    BulkState,
    BulkResults,
    BulkPages,
    BulkAbort,
    BulkDelete,
    Tooling
}
