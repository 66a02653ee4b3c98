using System.Net;
using System.Net.Sockets;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

public class TcpRoundTripTests
{
    [Fact]
    public async Task The_kernel_tells_the_round_trip_of_a_connection_however_busy_the_process_is()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(listener.LocalEndpoint);
        var roundTrip = TcpRoundTrip.Of(socket);
        roundTrip.ShouldNotBeNull();
        roundTrip.Value.ShouldBeInRange(TimeSpan.FromMicroseconds(1), TimeSpan.FromMilliseconds(20));
    }
}
