using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SalesforceSync.Apply;

/// <summary>Names of tables and columns from API names: lower-cased, and shortened to a stable, unique form where Postgres would cut them silently.</summary>
internal static partial class PostgresName
{
    private const int Longest = 63;
    private const int Kept = 54;

    /// <summary>The table or column of an API name. API names are unique without case, so lower-casing cannot make two of them one.</summary>
    /// <exception cref="RefusedNameException">The name holds something no API name holds.</exception>
    public static string Of(string apiName)
    {
        if (!ApiName().IsMatch(apiName))
            throw new RefusedNameException("a name in the event is no API name (letters, digits and underscores)");
        return Shortened(apiName.ToLowerInvariant());
    }

    /// <summary>The column beside the one of a field that was another before: <c>size__c__2</c>; shortened by the same rule, as a whole.</summary>
    /// <param name="number">2 for the second identity of the field.</param>
    /// <exception cref="RefusedNameException">As <see cref="Of"/>.</exception>
    public static string Beside(string apiName, int number)
    {
        _ = Of(apiName);
        return Shortened(string.Create(CultureInfo.InvariantCulture, $"{apiName.ToLowerInvariant()}__{number}"));
    }

    private static string Shortened(string name) =>
        // ASCII only, so a byte is a character and cutting cannot split one.
        name.Length <= Longest ? name : $"{name[..Kept]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";

    [GeneratedRegex(@"\A[A-Za-z0-9_]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApiName();
}

/// <summary>A name that came from outside cannot be used for a table or column. The message never repeats the name: it may hold anything.</summary>
internal sealed class RefusedNameException(string message) : Exception(message);
