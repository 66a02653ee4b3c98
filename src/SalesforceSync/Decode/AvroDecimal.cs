using System.Globalization;
using System.Numerics;
using System.Text;

namespace SalesforceSync.Decode;

/// <summary>The logical type decimal: a big-endian number in two's complement, whose point stands before the last <c>scale</c> digits.</summary>
internal static class AvroDecimal
{
    // 1,000 digits, the most a schema may ask for, need 416 bytes; conversion of more takes quadratic time.
    private const int MostBytes = 416;

    /// <summary>The number as ASCII digits.</summary>
    public static ReadOnlyMemory<byte> Read(ref AvroReader reader, AvroType type)
    {
        var start = reader.Position;
        var (bytes, scale) = type is AvroFixed whole
            ? (reader.Take(whole.Size, "fixed").ToArray(), whole.Scale ?? 0)
            : (reader.ReadBytes("bytes").ToArray(), ((AvroPrimitive)type).Scale);
        if (bytes.Length is 0 or > MostBytes) throw reader.Failure($"a decimal of {bytes.Length} bytes", start);
        var unscaled = new BigInteger(bytes, isBigEndian: true);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return Encoding.ASCII.GetBytes(unscaled.Sign < 0 ? $"-{text}" : text);
    }
}
