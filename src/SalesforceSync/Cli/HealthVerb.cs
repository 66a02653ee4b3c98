using System.Text.Json;
using SalesforceSync.Configuration;

namespace SalesforceSync.Cli;

/// <summary><c>health</c>: asks the worker on this machine whether it is ready; what a container's HEALTHCHECK runs.</summary>
internal static class HealthVerb
{
    // A container engine gives a health check five seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var http = configuration.ReadHttp();
        List<ConfigurationFault> faults = [.. configuration.Faults];
        if (http.Port == 0)
            faults.Add(new("Http:Port", "0", "takes any free port, which cannot be found from here; give a fixed one"));
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        var (code, document) = await AskAsync(http.Port, surroundings.Time, stop);
        await surroundings.Out.WriteLineAsync(json ? document.GetRawText() : Words(document));
        return code;
    }

    private static async Task<(int Code, JsonElement Document)> AskAsync(int port, TimeProvider time, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { MaxResponseContentBufferSize = 1024 * 1024 };
        using var timer = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, timer.Token);
        try
        {
            using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"), either.Token);
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(either.Token));
            return (response.IsSuccessStatusCode ? ExitCode.Done : ExitCode.Failed, json.RootElement.Clone());
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            return (ExitCode.Failed, JsonSerializer.SerializeToElement(new { status = "failing", reasons = new[] { $"no worker answers on port {port}" } }));
        }
    }

    private static string Words(JsonElement document)
    {
        var status = document.TryGetProperty("status", out var word) ? word.ToString() : "failing";
        var reasons = document.TryGetProperty("reasons", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(r => r.ToString()) : [];
        return string.Join(Environment.NewLine, [status, .. reasons]);
    }
}
