using System.Globalization;
using System.Text;

namespace SalesforceSync.Simulator.Bulk;

/// <summary>Names the place where a set of results begins: <c>MTAwMDA</c> is row 10000. To clients just letters.</summary>
internal static class BulkLocator
{
    public static string Of(int first) => Convert.ToBase64String(Encoding.ASCII.GetBytes(first.ToString(CultureInfo.InvariantCulture))).TrimEnd('=');

    /// <returns>False for what is no locator of a result with so many rows.</returns>
    public static bool TryRead(string locator, int rows, out int first)
    {
        first = 0;
        if (locator.Length == 0) return true;
        var bytes = new byte[locator.Length];
        return Convert.TryFromBase64String(locator.PadRight((locator.Length + 3) / 4 * 4, '='), bytes, out var length)
            && int.TryParse(bytes.AsSpan(0, length), NumberStyles.None, CultureInfo.InvariantCulture, out first) && first <= rows;
    }
}
