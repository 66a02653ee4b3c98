namespace SalesforceSync.Simulator.Org;

/// <summary>What goes wrong with the events of one commit, while its records change as they should.</summary>
/// <param name="Lag">They come onto the bus so much later.</param>
/// <param name="EventsLost">They never come.</param>
internal readonly record struct CommitMishap(TimeSpan Lag, bool EventsLost);
