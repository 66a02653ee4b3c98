namespace SalesforceSync.Subscribe;

/// <summary>How long a silence means something.</summary>
/// <param name="SilenceAfter">Without any response for so long, although events were asked for, the stream is dead. Salesforce promises an empty one within 270 s.</param>
/// <param name="QuietOffsets">Ascending: <see cref="StreamItem.Quiet"/> is emitted as the stream time since the last response passes each of them.</param>
internal sealed record ListeningTimes(TimeSpan SilenceAfter, IReadOnlyList<TimeSpan> QuietOffsets);
