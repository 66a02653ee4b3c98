using System.Diagnostics;
using System.Globalization;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>The process of a Postgres that writes the log of asynchronous commits, stopped where it holds no lock; disposing shoots it.</summary>
internal sealed class FrozenLogWriter : IAsyncDisposable
{
    private const string Find = "select pid from pg_stat_activity where backend_type = 'walwriter'";

    private const string Sleeps = "select wait_event is not distinct from 'WalWriterMain' from pg_stat_activity where backend_type = 'walwriter'";

    private readonly int _process;
    private bool _isShot;

    private FrozenLogWriter(int process) => _process = process;

    public static async Task<FrozenLogWriter> OfAsync(CopiedOrg copied)
    {
        var writer = new FrozenLogWriter(await copied.ScalarAsync<int>(Find));
        await writer.SignalAsync("STOP");
        while (!await copied.ScalarAsync<bool>(Sleeps))
        {
            await writer.SignalAsync("CONT");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
            await writer.SignalAsync("STOP");
        }
        return writer;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isShot) return;
        _isShot = true;
        await SignalAsync("KILL");
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", _process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }
}
