using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>The Postgres types of data columns.</summary>
internal enum ColumnType
{
    Text,
    Boolean,
    Integer,
    BigInteger,
    Timestamp,
    Date,
    Time,
    Numeric,
    Double,
    Bytes,
    Json,
}

internal static class ColumnTypes
{
    public static ColumnType Of(FieldType type) => type switch
    {
        FieldType.Text or FieldType.TextList => ColumnType.Text,
        FieldType.Boolean => ColumnType.Boolean,
        FieldType.Integer => ColumnType.Integer,
        FieldType.BigInteger => ColumnType.BigInteger,
        FieldType.DateTime => ColumnType.Timestamp,
        FieldType.DateOnly => ColumnType.Date,
        FieldType.TimeOnly => ColumnType.Time,
        FieldType.Numeric => ColumnType.Numeric,
        FieldType.Coordinate => ColumnType.Double,
        FieldType.Bytes => ColumnType.Bytes,
        FieldType.Json => ColumnType.Json,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>What values of such a column mean.</summary>
    public static FieldType Meaning(this ColumnType type) => type switch
    {
        ColumnType.Text => FieldType.Text,
        ColumnType.Boolean => FieldType.Boolean,
        ColumnType.Integer => FieldType.Integer,
        ColumnType.BigInteger => FieldType.BigInteger,
        ColumnType.Timestamp => FieldType.DateTime,
        ColumnType.Date => FieldType.DateOnly,
        ColumnType.Time => FieldType.TimeOnly,
        ColumnType.Numeric => FieldType.Numeric,
        ColumnType.Double => FieldType.Coordinate,
        ColumnType.Bytes => FieldType.Bytes,
        ColumnType.Json => FieldType.Json,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The type as statements name it and as <c>format_type</c> prints it, so that both can be compared.</summary>
    public static string Sql(this ColumnType type) => type switch
    {
        ColumnType.Text => "text",
        ColumnType.Boolean => "boolean",
        ColumnType.Integer => "integer",
        ColumnType.BigInteger => "bigint",
        ColumnType.Timestamp => "timestamp with time zone",
        ColumnType.Date => "date",
        ColumnType.Time => "time without time zone",
        ColumnType.Numeric => "numeric",
        ColumnType.Double => "double precision",
        ColumnType.Bytes => "bytea",
        ColumnType.Json => "jsonb",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Every value of a type can stand in a column of another without meaning something else.</summary>
    public static bool Holds(this ColumnType column, ColumnType value) =>
        column == value || (column, value) is (ColumnType.BigInteger, ColumnType.Integer)
            or (ColumnType.Numeric, ColumnType.Integer or ColumnType.BigInteger or ColumnType.Double);

    /// <summary>The type a column can be given in place, so that it holds what it has and what comes; null when there is none.</summary>
    public static ColumnType? WideEnough(this ColumnType column, ColumnType value) => (IsNumber(column) && IsNumber(value)) switch
    {
        false => column == value ? column : null,
        _ when column.Holds(value) => column,
        _ when value.Holds(column) => value,
        _ => ColumnType.Numeric,
    };

    private static bool IsNumber(ColumnType type) => type is ColumnType.Integer or ColumnType.BigInteger or ColumnType.Numeric or ColumnType.Double;

    /// <summary>The type of a column as the catalog tells it; null for one this product never makes.</summary>
    public static ColumnType? FromCatalog(string formatted)
    {
        foreach (var type in Enum.GetValues<ColumnType>())
        {
            if (type.Sql() == formatted)
                return type;
        }
        return null;
    }
}
