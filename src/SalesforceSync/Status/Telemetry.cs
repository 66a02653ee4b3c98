using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Status;

/// <summary>Gives out what <see cref="Meters"/> and <see cref="Gauges"/> say, and the runtime of itself: to who asks at <c>/metrics</c>, and by OTLP where an endpoint is named.</summary>
internal static class Telemetry
{
    private const string Runtime = "System.Runtime";

    /// <summary>Whoever opens it disposes it; what is not sent by then is sent first.</summary>
    public static MeterProvider Open(TelemetryOptions options)
    {
        var metrics = Sdk.CreateMeterProviderBuilder().AddMeter(Meters.Name, Runtime).AddPrometheusExporter();
        if (options.OtlpEndpoint is { } endpoint)
            metrics.AddOtlpExporter(otlp => (otlp.Endpoint, otlp.Protocol) = options.OtlpOverHttp ? (new Uri(endpoint, "v1/metrics"), OtlpExportProtocol.HttpProtobuf) : (endpoint, OtlpExportProtocol.Grpc));
        return metrics.Build();
    }
}
