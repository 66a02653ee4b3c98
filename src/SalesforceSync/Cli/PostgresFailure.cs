using System.Net.Sockets;
using Npgsql;

namespace SalesforceSync.Cli;

/// <summary>Says what is wrong with Postgres and what to do, for a person, without anything secret.</summary>
internal static class PostgresFailure
{
    public static string Say(NpgsqlException failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            "the user or password is refused; check ConnectionStrings:Postgres and pg_hba.conf",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => "there is no such database; create it, or check Database in ConnectionStrings:Postgres",
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn } =>
            "the control schema is missing or older than this program; start run once, or migrate",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            "the role may not do this; run migrate with a role that may create schemas, or grant create on the database to this one",
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "no connection is free; raise max_connections or end other sessions",
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } => "it is starting or stopping; try again",
        PostgresException other => $"it answered {other.SqlState}",
        { InnerException: SocketException or TimeoutException } or { InnerException: IOException } => "it does not answer; check Host and Port in ConnectionStrings:Postgres and the firewall",
        _ => $"the connection failed ({failure.GetBaseException().GetType().Name}); check ConnectionStrings:Postgres",
    };
}
