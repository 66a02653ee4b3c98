namespace SalesforceSync.Database.Roles;

/// <summary>The three roles of a database. Roles belong to the whole server: databases that shall not share them take different prefixes.</summary>
internal sealed record RoleNames(string Prefix)
{
    public const string UsualPrefix = "salesforce_sync";

    /// <summary>Owns the schemas and the control tables, runs migrations, may do what the writer may.</summary>
    public string Owner => $"{Prefix}_owner";

    /// <summary>What the worker logs in as: owns what it makes, writes the control tables, adds to the audit.</summary>
    public string Writer => $"{Prefix}_writer";

    /// <summary>Sees the copied tables, and what of the control schema is neither secret nor raw.</summary>
    public string Reader => $"{Prefix}_reader";
}
