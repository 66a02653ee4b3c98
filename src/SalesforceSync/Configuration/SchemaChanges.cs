namespace SalesforceSync.Configuration;

/// <summary><c>Orgs:*:SchemaChanges</c>: what is done when an object of the org gets other fields.</summary>
internal enum SchemaChanges
{
    /// <summary>New columns are made, columns widened, and a field that became another gets a new column beside the old one.</summary>
    Apply,

    /// <summary>New columns only: a field that became another is not written any more, its column stays as it is.</summary>
    Additive,

    /// <summary>The object is not copied any more until somebody lets the change in.</summary>
    Pause,
}
