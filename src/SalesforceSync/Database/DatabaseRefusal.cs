using Npgsql;

namespace SalesforceSync.Database;

/// <summary>What Postgres refuses until a person has done something, and what that is. Whatever is not in this table may pass by itself. Pure.</summary>
internal static class DatabaseRefusal
{
    /// <summary>Null when it may pass by itself.</summary>
    public static string? Remedy(Exception failure) => failure is not PostgresException refused ? null : refused.SqlState switch
    {
        PostgresErrorCodes.ReadOnlySqlTransaction => "the database takes no writes: let ConnectionStrings:Postgres lead to the primary, or set default_transaction_read_only to off",
        PostgresErrorCodes.InsufficientPrivilege => "grant the right back",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "give the role its password back and see pg_hba.conf, or correct ConnectionStrings:Postgres and start again",
        PostgresErrorCodes.InvalidCatalogName => "the database is gone: restore it, or correct ConnectionStrings:Postgres and start again",
        PostgresErrorCodes.TooManyConnections => "no connection is free: raise max_connections or the role's limit, or end other sessions",
        PostgresErrorCodes.DiskFull => "the database's disk is full: make room on it",
        PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName when IsOfControlSchema(refused) =>
            "what keeps the positions is damaged: restore the database from a backup",
        _ => null,
    };

    /// <summary>What is refused, by the names of things: never a value.</summary>
    public static string What(Exception failure) => failure is PostgresException refused ? $"{refused.SqlState} {refused.MessageText}" : failure.GetType().Name;

    private static bool IsOfControlSchema(PostgresException refused) => refused.MessageText.Contains("\"salesforce_sync.", StringComparison.Ordinal)
        || refused.MessageText.Contains("\"salesforce_sync\"", StringComparison.Ordinal);
}
