namespace SalesforceSync.Tests.Chaos;

/// <summary>What a client asks Postgres before it waits, and the answer up to its end.</summary>
/// <param name="Number">Counted over all connections of a proxy, from 1.</param>
/// <param name="Sql">The statements in it, as far as they are known.</param>
/// <param name="Transaction">Everything said on the connection since its transaction began, this included.</param>
internal sealed record Exchange(long Number, string Sql, string Transaction)
{
    public bool IsCommit => Sql.StartsWith("commit", StringComparison.OrdinalIgnoreCase);

    /// <summary>Outside of any transaction.</summary>
    public bool IsAlone => !Transaction.StartsWith("begin", StringComparison.OrdinalIgnoreCase);

    /// <summary>Ends a transaction in which this was said.</summary>
    public bool Commits(string text) => IsCommit && Transaction.Contains(text, StringComparison.Ordinal);

    /// <summary>A statement outside of a transaction is committed when it is answered.</summary>
    public bool Says(string text) => Sql.Contains(text, StringComparison.Ordinal);
}

/// <summary>What becomes of an exchange.</summary>
internal enum Fate
{
    Pass,

    /// <summary>The connection is reset before the server has the whole question.</summary>
    CutBefore,

    /// <summary>The server has answered, the connection is reset before the client has any of it.</summary>
    LoseAnswer,
}
