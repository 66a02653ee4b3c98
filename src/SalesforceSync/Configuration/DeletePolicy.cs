namespace SalesforceSync.Configuration;

/// <summary>What a delete in Salesforce does to the row in Postgres.</summary>
internal enum DeletePolicy
{
    /// <summary>The row stays with its values and <c>_sync_deleted</c> set.</summary>
    Soft,

    /// <summary>The row goes.</summary>
    Hard,
}
