namespace SalesforceSync.Decode;

/// <summary>The meaning of a leaf field, taken from the schema's <c>doc</c> (else from the Avro type); each has one Postgres type.</summary>
internal enum FieldType
{
    /// <summary>Strings, ids, picklists and unknown kinds of string: <c>text</c>.</summary>
    Text,

    /// <summary>Array of string, joined with <c>;</c>: <c>text</c>.</summary>
    TextList,

    /// <summary><c>boolean</c>.</summary>
    Boolean,

    /// <summary>Avro int: <c>integer</c>.</summary>
    Integer,

    /// <summary>A long without a known meaning: <c>bigint</c>.</summary>
    BigInteger,

    /// <summary>Epoch milliseconds: <c>timestamptz</c>.</summary>
    DateTime,

    /// <summary>Epoch milliseconds at midnight UTC: <c>date</c>.</summary>
    DateOnly,

    /// <summary>Milliseconds since midnight: <c>time</c>.</summary>
    TimeOnly,

    /// <summary>Double, Currency, Percent, decimal: <c>numeric</c>, the double's shortest decimal.</summary>
    Numeric,

    /// <summary>Latitude and longitude: <c>double precision</c>.</summary>
    Coordinate,

    /// <summary>Avro bytes and fixed: <c>bytea</c>.</summary>
    Bytes,

    /// <summary>A record, map or union no rule knows: <c>jsonb</c>.</summary>
    Json,
}
