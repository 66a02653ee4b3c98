using System.Runtime.InteropServices;

namespace SalesforceSync.Cli;

/// <summary>SIGTERM and SIGINT: the first asks to stop, the second ends the process at once, as the system would have.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    public StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _stop.Dispose();
    }

    private void Ask(PosixSignalContext signal)
    {
        if (_stop.IsCancellationRequested)
            return;
        signal.Cancel = true;
        _stop.Cancel();
    }
}
