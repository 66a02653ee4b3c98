using SalesforceSync.Configuration;
using SalesforceSync.Database;

namespace SalesforceSync.Cli;

/// <summary><c>migrate</c>: brings the control schema up to date, for roles of <c>run</c> that may not do so themselves.</summary>
internal static class MigrateVerb
{
    public static async Task<int> RunAsync(bool json, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var postgres = configuration.ReadPostgres();
        using var loggers = Logs.Open(configuration.Root, ofRun: false, surroundings.IsTerminal, out var logFault);
        if (configuration.Faults.Count > 0 || logFault is not null)
            return await Faults.PrintAsync([.. configuration.Faults, .. logFault is null ? [] : new[] { logFault }], surroundings.Error);
        try
        {
            var applied = await Migrations.ApplyAsync(postgres!.Value.Reveal, loggers!.CreateLogger(nameof(Migrations)), stop);
            await surroundings.Out.WriteLineAsync(json ? $$"""{"applied":{{applied}}}""" : applied == 0 ? "the database is up to date" : $"{applied} migrations applied");
            return ExitCode.Done;
        }
        catch (MigrationException e)
        {
            await surroundings.Error.WriteLineAsync(e.Message);
            return ExitCode.Failed;
        }
    }
}
