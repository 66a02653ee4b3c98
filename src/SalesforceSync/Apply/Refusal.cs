using Npgsql;

namespace SalesforceSync.Apply;

/// <summary>Tells what is wrong with a change itself from what is wrong around it; only the first is parked, everything else is tried again.</summary>
internal static class Refusal
{
    /// <summary>Why these very rows are refused, without any value, or null when trying again may help.</summary>
    public static string? Of(Exception failure) => failure switch
    {
        UnwritableChangeException unwritable => unwritable.Message,
        PostgresException { SqlState: var state } refused when IsAboutData(state) =>
            $"Postgres refuses the row: {state} {Place(refused)}",
        _ => null,
    };

    /// <summary>Classes 21 and 22 (the value), 23 (a constraint), 44 (a view's check), 54 (the row is too big), P0 (a trigger of the user's).</summary>
    private static bool IsAboutData(string state) => state[..2] is "21" or "22" or "23" or "44" or "54" or "P0";

    private static string Place(PostgresException refused) =>
        string.Join(' ', new[] { refused.TableName, refused.ColumnName, refused.ConstraintName, refused.DataTypeName }.Where(s => !string.IsNullOrEmpty(s)));
}
