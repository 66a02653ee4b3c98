using System.Text.Json;

namespace SalesforceSync.Status;

/// <summary>
/// Makes the overview every two seconds, once for everybody: who asks, and who listens, gets the same bytes. Written by one loop, read from any thread.
/// </summary>
internal sealed class LiveOverview(Board board, WorkerProgress progress, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly string Version = typeof(LiveOverview).Assembly.GetName().Version!.ToString(3);

    private readonly Dictionary<string, History> _histories = new(StringComparer.Ordinal);
    private volatile Edition _current = new(default, new(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>One overview as JSON, and when the next one is there.</summary>
    private sealed record Edition(ReadOnlyMemory<byte> Json, TaskCompletionSource Next);

    /// <summary>The last one.</summary>
    public ReadOnlyMemory<byte> Current => _current.Json.IsEmpty ? Make() : _current.Json;

    /// <summary>Every one from now on, the last one first; an asker that is slow misses some.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ListenAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        yield return Current;
        while (true)
        {
            var edition = _current;
            await edition.Next.Task.WaitAsync(stop);
            yield return _current.Json;
        }
    }

    /// <summary>Makes them until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var sampled = time.GetTimestamp();
        Sample(TimeSpan.Zero);
        while (true)
        {
            if (time.GetElapsedTime(sampled) is var over && over >= History.Step)
            {
                Sample(over);
                sampled = time.GetTimestamp();
            }
            var before = _current;
            _current = new(Make(), new(TaskCreationOptions.RunContinuationsAsynchronously));
            before.Next.TrySetResult();
            await Task.Delay(Interval, time, stop);
        }
    }

    private void Sample(TimeSpan over)
    {
        foreach (var org in progress.Orgs)
        {
            if (!_histories.TryGetValue(org.Org, out var history))
            {
                lock (_histories) _histories[org.Org] = history = new();
            }
            var channels = org.Channels;
            var worst = channels.Select(c => c.Apply.TakeWorstLag()).Max();
            lock (_histories) history.Add(channels.Sum(c => c.Receive.Received), worst, over);
        }
    }

    private byte[] Make()
    {
        lock (_histories) return JsonSerializer.SerializeToUtf8Bytes(OverviewOf.Now(board, progress, _histories, time.GetUtcNow(), Version), JsonSerializerOptions.Web);
    }
}
