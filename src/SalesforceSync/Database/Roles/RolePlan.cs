namespace SalesforceSync.Database.Roles;

/// <summary>
/// The statements that make the three roles and give each what it needs and no more, from what there is. Grants are said each time, so that what was changed by
/// hand is put right; roles, settings and owners only where they differ, because they need more rights to be changed. Pure.
/// </summary>
internal static class RolePlan
{
    public const string ControlSchema = "salesforce_sync";

    /// <summary>Where the worker keeps copies of the tables, and where it makes one anew.</summary>
    public static readonly IReadOnlyList<string> WorkSchemas = ["salesforce_sync_image", "salesforce_sync_shadow"];

    private const string AllRows = "select, insert, update, delete";

    /// <param name="orgs">Schemas of the orgs.</param>
    public static IReadOnlyList<string> Of(RoleNames names, RoleFacts facts, IReadOnlyList<string> orgs) =>
        [.. Roles(names, facts), .. Schemas(names, facts, orgs), .. Owners(names, facts), .. Control(names, facts), .. Copies(names, facts, orgs)];

    private static IEnumerable<string> Roles(RoleNames names, RoleFacts facts)
    {
        var present = facts.Roles.ToDictionary(r => r.Name);
        foreach (var role in new[] { names.Owner, names.Writer, names.Reader })
        {
            if (!present.ContainsKey(role)) yield return $"create role {Sql.Quote(role)} nologin";
        }
        if (!facts.OwnerMayActAsWriter) yield return $"grant {Sql.Quote(names.Writer)} to {Sql.Quote(names.Owner)}";
        if (!facts.MayActAsOwner) yield return $"grant {Sql.Quote(names.Owner)} to current_user";
        foreach (var (role, setting, value) in new[]
                 {
                     (names.Owner, "search_path", "pg_catalog"), (names.Writer, "search_path", "pg_catalog"), (names.Reader, "default_transaction_read_only", "on"),
                 })
        {
            if (present.GetValueOrDefault(role)?.Settings.Contains($"{setting}={value}") != true) yield return $"alter role {Sql.Quote(role)} set {setting} = {value}";
        }
        yield return $"grant connect, temporary, create on database {Sql.Quote(facts.Database)} to {Sql.Quote(names.Owner)}";
        yield return $"grant connect, temporary on database {Sql.Quote(facts.Database)} to {Sql.Quote(names.Writer)}";
        yield return $"grant connect on database {Sql.Quote(facts.Database)} to {Sql.Quote(names.Reader)}";
    }

    private static IEnumerable<string> Schemas(RoleNames names, RoleFacts facts, IReadOnlyList<string> orgs)
    {
        string[] all = [ControlSchema, .. WorkSchemas, .. orgs];
        foreach (var schema in all)
        {
            var owner = facts.Schemas[schema];
            if (owner is null) yield return $"create schema {Sql.Quote(schema)} authorization {Sql.Quote(names.Owner)}";
            else if (owner != names.Owner) yield return $"alter schema {Sql.Quote(schema)} owner to {Sql.Quote(names.Owner)}";
        }
        yield return $"revoke all on schema {List(all)} from public, {Sql.Quote(names.Reader)}";
        yield return $"grant usage, create on schema {List(all)} to {Sql.Quote(names.Writer)}";
        yield return $"grant usage on schema {List([ControlSchema, .. orgs])} to {Sql.Quote(names.Reader)}";
    }

    private static IEnumerable<string> Owners(RoleNames names, RoleFacts facts)
    {
        foreach (var relation in facts.Control)
        {
            var owner = IsOfEvents(relation) ? names.Writer : names.Owner;
            if (relation.Owner != owner) yield return $"alter {Kind(relation)} {relation.Quoted} owner to {Sql.Quote(owner)}";
        }
        foreach (var table in facts.Written.Where(t => t.Owner != names.Writer))
            yield return $"alter table {table.Quoted} owner to {Sql.Quote(names.Writer)}";
    }

    private static IEnumerable<string> Control(RoleNames names, RoleFacts facts)
    {
        var (writer, reader) = (Sql.Quote(names.Writer), Sql.Quote(names.Reader));
        var rows = facts.Control.Where(r => r.Kind is "r" or "p" or "v" && !IsOfEvents(r)).ToList();
        var events = facts.Control.Where(IsOfEvents).ToList();
        var open = rows.Where(r => ControlTables.Open.Contains(r.Name)).ToList();
        string[] addedTo = [ControlTables.Audit, ControlTables.Migration];
        yield return $"revoke all on {List(rows)} from public, {writer}, {reader}";
        yield return $"revoke all on {List(events)} from public, {reader}";
        yield return $"grant {AllRows} on {List(rows.Where(r => r.Kind != "v" && !addedTo.Contains(r.Name)))} to {writer}";
        yield return $"grant select, insert on {Sql.Quote(ControlSchema, ControlTables.Audit)} to {writer}";
        yield return $"grant select on {List(rows.Where(r => r.Kind == "v" || r.Name == ControlTables.Migration))} to {writer}";
        yield return $"grant select on {List(open)} to {reader}";
        yield return $"grant select ({ControlTables.OpenOfQuarantine}) on {Sql.Quote(ControlSchema, ControlTables.Quarantine)} to {reader}";
        foreach (var sequence in facts.Control.Where(r => r.Kind == "S"))
            yield return $"grant usage on sequence {sequence.Quoted} to {writer}";
        // What later migrations make; who may read it is said by this program when it is told again.
        var later = $"alter default privileges for role {Sql.Quote(names.Owner)} in schema {Sql.Quote(ControlSchema)} grant";
        yield return $"{later} {AllRows} on tables to {writer}";
        yield return $"{later} usage on sequences to {writer}";
    }

    private static IEnumerable<string> Copies(RoleNames names, RoleFacts facts, IReadOnlyList<string> orgs)
    {
        var reader = Sql.Quote(names.Reader);
        foreach (var org in orgs)
        {
            var tables = facts.Written.Where(t => t.Schema == org).ToList();
            if (tables.Count > 0) yield return $"grant select on {List(tables)} to {reader}";
            yield return $"alter default privileges for role {Sql.Quote(names.Writer)} in schema {Sql.Quote(org)} grant select on tables to {reader}";
        }
    }

    private static bool IsOfEvents(Relation relation) => relation.Name == ControlTables.Event || relation.Parent == ControlTables.Event;

    private static string Kind(Relation relation) => relation.Kind switch
    {
        "v" => "view",
        "S" => "sequence",
        _ => "table",
    };

    private static string List(IEnumerable<string> schemas) => string.Join(", ", schemas.Select(Sql.Quote));

    private static string List(IEnumerable<Relation> relations) => string.Join(", ", relations.Select(r => r.Quoted));
}
