using System.Text.Json;
using Npgsql;
using SalesforceSync.Configuration;

namespace SalesforceSync.Status;

/// <summary>What Postgres said of all orgs at one moment.</summary>
/// <param name="Json">The status as <c>status --json</c> prints it.</param>
internal sealed record BoardReading(StatusDocument Status, IReadOnlyList<OrgBudget> Budgets, DateTimeOffset At, ReadOnlyMemory<byte> Json);

/// <summary>
/// Reads what Postgres says of all orgs every few seconds, for whoever watches: nobody's question reaches the database, so that any number may ask. Written
/// by the worker's loop, read from any thread.
/// </summary>
internal sealed class Board(SyncOptions options, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Old = TimeSpan.FromSeconds(30);

    private volatile BoardReading? _last;
    private volatile string _trouble = "Postgres has not been reached yet";

    /// <summary>The last reading, or null when there is none that is young enough to be shown.</summary>
    public BoardReading? Current => _last is { } last && time.GetUtcNow() - last.At < Old ? last : null;

    /// <summary>Why there is none.</summary>
    public string Trouble => _trouble;

    /// <summary>Reads until told to stop.</summary>
    public async Task RunAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                _last = await ReadAsync(source, stop);
            }
            catch (Exception gone) when (gone is NpgsqlException or TimeoutException)
            {
                // The health of the database is told elsewhere, and loudly; here it is missing, and why is said to who asks.
                _trouble = gone.Message;
            }
            await Task.Delay(Interval, time, stop);
        }
    }

    private async Task<BoardReading> ReadAsync(NpgsqlDataSource source, CancellationToken stop)
    {
        var status = await new StatusReader(source).ReadAsync(stop);
        var budgets = new List<OrgBudget>();
        foreach (var org in options.Orgs)
            budgets.Add(await new BudgetReader(source).ReadAsync(org, stop));
        return new(status, budgets, time.GetUtcNow(), JsonSerializer.SerializeToUtf8Bytes(status, JsonSerializerOptions.Web));
    }
}
