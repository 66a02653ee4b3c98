using System.Buffers.Binary;
using System.Net.Sockets;

namespace SalesforceSync.Protocol;

/// <summary>
/// The kernel's own measure of a connection's round trip. It knows when the answer arrived; a process that is short of processor time only knows when it
/// was told.
/// </summary>
internal static class TcpRoundTrip
{
    // linux/tcp.h: TCP_INFO, and tcpi_rtt in microseconds behind eight single bytes and fifteen words.
    private const int ProtocolTcp = 6;
    private const int TcpInfo = 11;
    private const int RoundTripOffset = 8 + (15 * 4);

    /// <summary>Null where the kernel does not say.</summary>
    public static TimeSpan? Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> info = stackalloc byte[RoundTripOffset + sizeof(uint)];
        try
        {
            if (socket.GetRawSocketOption(ProtocolTcp, TcpInfo, info) < info.Length)
            {
                return null;
            }
        }
        catch (SocketException)
        {
            return null;
        }

        var microseconds = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(info[RoundTripOffset..])
            : BinaryPrimitives.ReadUInt32BigEndian(info[RoundTripOffset..]);
        return microseconds == 0 ? null : TimeSpan.FromMicroseconds(microseconds);
    }
}
