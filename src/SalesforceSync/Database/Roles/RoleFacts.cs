namespace SalesforceSync.Database.Roles;

/// <summary>What a database has of roles, schemas and tables now, as far as rights depend on it.</summary>
/// <param name="Database">Its name.</param>
/// <param name="Roles">Those of the three that exist.</param>
/// <param name="MayActAsOwner">Whether whoever asks has the rights of the owner already.</param>
/// <param name="OwnerMayActAsWriter">Whether the owner has the rights of the writer already.</param>
/// <param name="Schemas">Of the control schema, its copies and the orgs: name to owner; null where there is none yet.</param>
/// <param name="Control">Relations of the control schema.</param>
/// <param name="Written">Tables that the worker makes, in the orgs' schemas and among the kept copies.</param>
internal sealed record RoleFacts(
    string Database, IReadOnlyList<PresentRole> Roles, bool MayActAsOwner, bool OwnerMayActAsWriter, IReadOnlyDictionary<string, string?> Schemas,
    IReadOnlyList<Relation> Control, IReadOnlyList<Relation> Written);

/// <param name="Power">What makes it too strong for any of the three; null when nothing does.</param>
/// <param name="Settings"><c>name=value</c>, as Postgres keeps them.</param>
internal sealed record PresentRole(string Name, string? Power, IReadOnlyList<string> Settings);

/// <param name="Kind">As in pg_class: r, p, v or S.</param>
/// <param name="Parent">The partitioned table it is a part of.</param>
internal sealed record Relation(string Schema, string Name, string Kind, string Owner, string? Parent)
{
    public string Quoted => Sql.Quote(Schema, Name);
}
