using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SalesforceSync.Configuration;
using SalesforceSync.Diagnostics;

namespace SalesforceSync.Status;

/// <summary>
/// Gives out what <see cref="Meters"/> and <see cref="Gauges"/> say, and the runtime of itself: to who asks at <c>/metrics</c>, and by OTLP where an endpoint is
/// named; there what <see cref="TransactionTraces"/> tells, too.
/// </summary>
internal static class Telemetry
{
    private const string Runtime = "System.Runtime";

    /// <summary>Milliseconds a collector gets, each time, for what is left when the program ends: it has ten seconds for all it does then.</summary>
    private const int LastWords = 500;

    /// <summary>Whoever opens it disposes it; what is not sent by then is sent first.</summary>
    public static MeterProvider Open(TelemetryOptions options)
    {
        var metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(Meters.Name, Runtime).AddPrometheusExporter();
        if (options.OtlpEndpoint is not null)
            metrics.AddOtlpExporter(otlp => Point(otlp, options, "v1/metrics"));
        return metrics.Build();
    }

    /// <summary>As <see cref="Open"/>; null where nobody is to be told. What is traced has been chosen by then, so everything told is sent.</summary>
    public static TracerProvider? OpenTraces(TelemetryOptions options) => options.TracedShare <= 0 ? null : Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(Describe).SetSampler(new AlwaysOnSampler()).AddSource(TransactionTraces.Name).AddOtlpExporter(otlp => Point(otlp, options, "v1/traces")).Build();

    /// <summary>Sends what is left, and waits for no collector that hangs. To be called before they are disposed, which waits for seconds otherwise.</summary>
    public static void Close(MeterProvider metrics, TracerProvider? traces)
    {
        traces?.Shutdown(LastWords);
        metrics.Shutdown(LastWords);
    }

    private static void Point(OtlpExporterOptions otlp, TelemetryOptions options, string path) => (otlp.Endpoint, otlp.Protocol) = options.OtlpOverHttp
        ? (new Uri(options.OtlpEndpoint!, path), OtlpExportProtocol.HttpProtobuf) : (options.OtlpEndpoint!, OtlpExportProtocol.Grpc);

    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before the name of ours.
    private static void Describe(ResourceBuilder resource) =>
        resource.Clear().AddService("salesforce-sync", autoGenerateServiceInstanceId: false).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
