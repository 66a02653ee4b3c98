using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace SalesforceSync.Benchmarks.Readers;

/// <summary>What a crowd has read.</summary>
/// <param name="Polls">Answers to pollers.</param>
/// <param name="Editions">Overviews that came to listeners.</param>
/// <param name="Failed">Requests that did not end well; what failed last is in <paramref name="Trouble"/>.</param>
internal sealed record CrowdFigures(long Polls, long Editions, long Bytes, long Failed, string? Trouble);

/// <summary>
/// Many who watch one worker, as a process of its own: pollers ask for the overview once a second, each over a connection of its own and at a moment of its own;
/// listeners hold a stream of events open. Lives until SIGTERM, then says what it has read.
/// </summary>
internal sealed class Crowd(Uri server, TimeProvider time)
{
    public const string Verb = "crowd";

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Uri _overview = new(server, "api/v1/overview");
    private long _polls;
    private long _editions;
    private long _bytes;
    private long _failed;
    private string? _trouble;

    public static async Task<int> RunAsync(Uri server, int pollers, int listeners, TimeProvider time)
    {
        var crowd = new Crowd(server, time);
        using var stop = new CancellationTokenSource();
        Task[] all =
        [
            .. Enumerable.Range(0, pollers).Select(i => crowd.PollAsync(Every * i / pollers, stop.Token)),
            .. Enumerable.Range(0, listeners).Select(_ => crowd.ListenAsync(stop.Token)),
        ];
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        await Task.WhenAll(all);
        Console.WriteLine(JsonSerializer.Serialize(new CrowdFigures(crowd._polls, crowd._editions, crowd._bytes, crowd._failed, crowd._trouble)));
        return 0;
    }

    private async Task PollAsync(TimeSpan first, CancellationToken stop)
    {
        using var http = Client();
        await TryAsync(async () =>
        {
            await Task.Delay(first, time, stop);
            using var timer = new PeriodicTimer(Every, time);
            do
            {
                var answer = await http.GetByteArrayAsync(_overview, stop);
                Interlocked.Increment(ref _polls);
                Interlocked.Add(ref _bytes, answer.Length);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }, stop);
    }

    private async Task ListenAsync(CancellationToken stop)
    {
        using var http = Client();
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        await TryAsync(async () =>
        {
            using var lines = new StreamReader(await http.GetStreamAsync(_overview, stop));
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                Interlocked.Add(ref _bytes, line.Length);
                if (line.StartsWith("data:", StringComparison.Ordinal))
                    Interlocked.Increment(ref _editions);
            }
            throw new HttpRequestException("the stream of events has ended");
        }, stop);
    }

    /// <summary>Again until told to stop; each failure is counted.</summary>
    private async Task TryAsync(Func<Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                Interlocked.Increment(ref _failed);
                _trouble = failure.Message;
            }
        }
    }

    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false });
}
