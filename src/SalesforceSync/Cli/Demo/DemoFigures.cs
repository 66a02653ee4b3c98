namespace SalesforceSync.Cli.Demo;

/// <summary>Where the demo stands.</summary>
/// <param name="Transactions">Committed in the org.</param>
/// <param name="Events">Published by the org.</param>
/// <param name="Received">Stored by the worker.</param>
/// <param name="Applied">Visible in the tables.</param>
/// <param name="Lag">Of all events.</param>
/// <param name="Undisturbed">Of those not committed around a kill or a cut.</param>
/// <param name="Kills">How often the worker was killed, which is how often it was started again.</param>
/// <param name="Cuts">How often its stream was cut.</param>
/// <param name="Losses">How often its replay id was lost.</param>
/// <param name="Copy">What the copy knows of itself.</param>
internal sealed record DemoFigures(
    TimeSpan Elapsed, long Transactions, long Events, long Received, long Applied, LagFigures Lag, LagFigures Undisturbed, int Kills, long Cuts, int Losses, CopyState Copy)
{
    public static DemoFigures None { get; } = new(TimeSpan.Zero, 0, 0, 0, 0, LagFigures.Of([]), LagFigures.Of([]), 0, 0, 0, CopyState.None);
}
