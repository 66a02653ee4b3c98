namespace SalesforceSync.Database;

/// <summary>The one place where a name becomes part of a statement. Values never do: they are parameters or COPY data.</summary>
internal static class Sql
{
    /// <summary>The name as a quoted identifier, whatever it holds. Postgres cuts it beyond 63 bytes, so longer ones are shortened before.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds U+0000, which no identifier can.</exception>
    public static string Quote(string name)
    {
        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("a Postgres identifier is never empty and never holds U+0000", nameof(name));
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>The name as a constant of type text, where a statement compares with it.</summary>
    /// <exception cref="ArgumentException">It holds U+0000, or a backslash, which means one thing or another by a setting of the server.</exception>
    public static string Literal(string name)
    {
        if (name.AsSpan().ContainsAny('\0', '\\'))
            throw new ArgumentException("a name never holds U+0000 or a backslash", nameof(name));
        return $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
    }

    /// <summary><c>"schema"."name"</c>.</summary>
    public static string Quote(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";
}
