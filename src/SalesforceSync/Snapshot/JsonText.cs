using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace SalesforceSync.Snapshot;

/// <summary>
/// The bytes of a JSON string as they were meant, also of those that .NET refuses to make a text of: half of a surrogate pair comes out encoded by itself, as
/// change events bring it, and what Postgres cannot hold of it is replaced by whoever keeps it.
/// </summary>
internal static class JsonText
{
    /// <param name="text">A value of the kind <see cref="JsonValueKind.String"/>.</param>
    public static ReadOnlySpan<byte> Bytes(JsonElement text)
    {
        var raw = JsonMarshal.GetRawUtf8Value(text)[1..^1];
        return raw.Contains((byte)'\\') ? Unescape(raw) : raw;
    }

    private static byte[] Unescape(ReadOnlySpan<byte> raw)
    {
        var bytes = new List<byte>(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                bytes.Add(raw[i]);
                continue;
            }
            i++;
            if (raw[i] != 'u')
            {
                bytes.Add(Control(raw[i]));
                continue;
            }
            var unit = Unit(raw, i);
            i += 4;
            if (char.IsHighSurrogate(unit) && i + 6 < raw.Length && raw[i + 1] == '\\' && raw[i + 2] == 'u' && Unit(raw, i + 2) is var low && char.IsLowSurrogate(low))
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([unit, low]));
                i += 6;
            }
            else if (char.IsSurrogate(unit))
            {
                bytes.AddRange([(byte)(0xE0 | (unit >> 12)), (byte)(0x80 | ((unit >> 6) & 0x3F)), (byte)(0x80 | (unit & 0x3F))]);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([unit]));
            }
        }
        return [.. bytes];
    }

    /// <param name="u">Where the <c>u</c> stands; four hexadecimal digits follow, which parsing has made sure of.</param>
    private static char Unit(ReadOnlySpan<byte> raw, int u) => (char)ushort.Parse(raw.Slice(u + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static byte Control(byte escaped) => escaped switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => escaped,
    };
}
