using System.CommandLine;
using System.Net.Sockets;
using System.Security.Cryptography;
using SalesforceSync.Simulator;

namespace SalesforceSync.Cli;

/// <summary><c>simulate</c>: a simulated Salesforce org in the foreground until a signal; one line of JSON says where it is.</summary>
internal static class SimulateVerb
{
    public static async Task<int> RunAsync(ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        var options = SimulateOptions.Read(parsed, out var faults);
        foreach (var fault in faults)
            await surroundings.Error.WriteLineAsync(fault);
        if (faults.Count > 0)
            return ExitCode.Usage;
        try
        {
            await SimulatorHost.RunAsync(options, surroundings.Out, either.Token);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (CryptographicException)
        {
            await surroundings.Error.WriteLineAsync("--certificate, --certificate-key: no certificate with its key in PEM form: correct the files");
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await surroundings.Error.WriteLineAsync($"the simulated org cannot serve: {e.Message}");
            return ExitCode.Failed;
        }
    }
}
