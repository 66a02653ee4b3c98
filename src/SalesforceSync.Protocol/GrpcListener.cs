using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SalesforceSync.Protocol;

public static class GrpcListener
{
    /// <summary>What Salesforce allows on one connection; clients such as grpc-js and C-core use one and queue the rest.</summary>
    private const int MostStreams = 1000;

    /// <summary>Listens for gRPC only: HTTP/2, with prior knowledge where there is no certificate.</summary>
    public static void ListenGrpc(this KestrelServerOptions kestrel, IPEndPoint address, X509Certificate2? certificate = null)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.Limits.Http2.MaxStreamsPerConnection = MostStreams;
        kestrel.Listen(address, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        });
    }
}
