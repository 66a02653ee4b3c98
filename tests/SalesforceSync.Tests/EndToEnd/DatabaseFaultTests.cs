using SalesforceSync.Database;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>A database that goes away under load: the worker finds back by itself, and nothing is lost or doubled.</summary>
public sealed class DatabaseFaultTests
{
    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Sessions_that_are_ended_under_load_are_opened_again() => DatabaseFaultRun.LiveAsync(DatabaseFault.SessionsEnded, seed: 61, times: 5, transactions: 2_000);

    [PostgresFact]
    public async Task A_server_that_is_shot_and_started_again_has_lost_nothing()
    {
        await using var postgres = await LocalPostgres.StartAsync(new(), TimeProvider.System, CancellationToken.None);
        await DatabaseFaultRun.LiveAsync(DatabaseFault.ServerKilled, seed: 63, times: 1, transactions: 300, postgres);
    }
}
