using Npgsql;
using NpgsqlTypes;
using SalesforceSync.Decode;

namespace SalesforceSync.Apply;

/// <summary>A field's value on its way to Postgres: as a field of a COPY row, or as a parameter. Both must give the same bytes in the table.</summary>
internal static class ColumnValue
{
    public static void Write(CopyBuffer target, ColumnType type, in FieldValue value)
    {
        if (value.IsNull)
        {
            target.Null();
            return;
        }
        switch (type)
        {
            case ColumnType.Text or ColumnType.Bytes: target.BytesField(value.Bytes.Span); break;
            case ColumnType.Boolean: target.BooleanField(value.Integer != 0); break;
            case ColumnType.Integer: target.Int32Field(checked((int)value.Integer)); break;
            case ColumnType.BigInteger: target.Int64Field(value.Integer); break;
            case ColumnType.Timestamp: target.Int64Field(StoredTime.Timestamp(value.Integer)); break;
            case ColumnType.Date: target.Int32Field(StoredTime.Date(value.Integer)); break;
            case ColumnType.Time: target.Int64Field(StoredTime.TimeOfDay(value.Integer)); break;
            case ColumnType.Double: target.DoubleField(value.Number); break;
            case ColumnType.Json: target.JsonField(value.Bytes.Span); break;
            case ColumnType.Numeric: WriteNumber(target, value); break;
            default: throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    // By itself: its room on the stack would be cleared for values of every type.
    private static void WriteNumber(CopyBuffer target, in FieldValue value)
    {
        Span<byte> buffer = stackalloc byte[NumericText.Longest];
        NumericBinary.Write(target, NumericText.Of(value, buffer));
    }

    /// <summary>The value as a parameter for <see cref="Sql"/>. Times travel in Postgres' own units, which Npgsql writes as they are.</summary>
    public static NpgsqlParameter Parameter(ColumnType type, in FieldValue value) => type switch
    {
        _ when value.IsNull => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = DbType(type) },
        ColumnType.Boolean => Typed(value.Integer != 0, DbType(type)),
        ColumnType.Integer => Typed(checked((int)value.Integer), DbType(type)),
        ColumnType.BigInteger => Typed(value.Integer, DbType(type)),
        ColumnType.Timestamp => Typed(StoredTime.Timestamp(value.Integer), DbType(type)),
        ColumnType.Date => Typed(StoredTime.Date(value.Integer), DbType(type)),
        ColumnType.Time => Typed(StoredTime.TimeOfDay(value.Integer), DbType(type)),
        ColumnType.Double => Typed(value.Number, DbType(type)),
        ColumnType.Numeric => Typed(Number(value), DbType(type)),
        ColumnType.Text or ColumnType.Bytes or ColumnType.Json => Typed(value.Bytes, DbType(type)),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>True for what encoding throws when a value does not fit its type.</summary>
    public static bool IsMisfit(Exception failure) => failure is FormatException or OverflowException;

    /// <summary>The parameter's place in a statement; numbers and documents travel as text and are read by the server.</summary>
    public static string Sql(ColumnType type, int position) => type is ColumnType.Numeric or ColumnType.Json ? $"${position}::text::{type.Sql()}" : $"${position}";

    private static NpgsqlDbType DbType(ColumnType type) => type switch
    {
        ColumnType.Text or ColumnType.Numeric or ColumnType.Json => NpgsqlDbType.Text,
        ColumnType.Boolean => NpgsqlDbType.Boolean,
        ColumnType.Integer => NpgsqlDbType.Integer,
        ColumnType.BigInteger => NpgsqlDbType.Bigint,
        ColumnType.Timestamp => NpgsqlDbType.TimestampTz,
        ColumnType.Date => NpgsqlDbType.Date,
        ColumnType.Time => NpgsqlDbType.Time,
        ColumnType.Double => NpgsqlDbType.Double,
        ColumnType.Bytes => NpgsqlDbType.Bytea,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static ReadOnlyMemory<byte> Number(in FieldValue value)
    {
        if (!value.Bytes.IsEmpty) return value.Bytes;
        Span<byte> buffer = stackalloc byte[NumericText.Longest];
        return NumericText.Of(value, buffer).ToArray();
    }

    public static NpgsqlParameter Typed<T>(T value, NpgsqlDbType type) => new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type };
}
