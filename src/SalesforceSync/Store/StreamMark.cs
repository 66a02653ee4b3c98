namespace SalesforceSync.Store;

/// <summary>
/// What is known of a channel's stream at one moment: everything a transaction can be closed by, apart from the events themselves.
/// </summary>
/// <param name="StreamTime">Time the stream was live and silent, over all calls of this process.</param>
/// <param name="QuietPeriod">How long a silence closes what is open.</param>
/// <param name="ClosedThrough">The last event an empty response followed.</param>
/// <param name="CutThrough">The last event before a lost position, or 0.</param>
internal readonly record struct StreamMark(TimeSpan StreamTime, TimeSpan QuietPeriod, long ClosedThrough, long CutThrough);

/// <summary>What apply takes at a time: events in the order of their numbers, possibly none, and the mark that held after them.</summary>
internal sealed record StoredBatch(IReadOnlyList<StoredEvent> Events, StreamMark? Mark);
