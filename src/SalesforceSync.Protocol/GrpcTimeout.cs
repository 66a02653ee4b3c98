using System.Globalization;

namespace SalesforceSync.Protocol;

/// <summary>The header <c>grpc-timeout</c>: at most eight digits and a unit (PROTOCOL-HTTP2.md).</summary>
internal static class GrpcTimeout
{
    private const long MostDigits = 99_999_999;

    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>The finest unit that fits; rounded up, so that the local timer is never the later one by rounding.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 1);
        foreach (var (unit, size) in Units)
        {
            var count = (ticks + size - 1) / size;
            if (count <= MostDigits)
            {
                return count.ToString(CultureInfo.InvariantCulture) + unit;
            }
        }

        return $"{MostDigits}H";
    }

    /// <summary>Null when absent or not of the form; a deadline that cannot be read is no deadline.</summary>
    public static TimeSpan? Parse(string? header)
    {
        if (header is not { Length: >= 2 and <= 9 } || !long.TryParse(header.AsSpan(0, header.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        if (header[^1] == 'n')
        {
            return TimeSpan.FromTicks(count / TimeSpan.NanosecondsPerTick);
        }

        foreach (var (unit, size) in Units)
        {
            if (unit == header[^1])
            {
                return count > TimeSpan.MaxValue.Ticks / size ? TimeSpan.MaxValue : TimeSpan.FromTicks(count * size);
            }
        }

        return null;
    }
}
