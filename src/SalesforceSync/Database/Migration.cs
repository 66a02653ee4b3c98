using System.Security.Cryptography;
using System.Text;

namespace SalesforceSync.Database;

/// <summary>One file of <c>db/migrations</c>, embedded in the program.</summary>
internal sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with line ends as line feeds: what was applied must be what the program holds.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>The database cannot be brought to what this program needs; trying again will not help.</summary>
internal sealed class MigrationException(string message) : Exception(message);
