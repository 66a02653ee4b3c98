namespace SalesforceSync.Store;

/// <summary>
/// What is known of a channel's stream at one moment: everything a transaction can be closed by, apart from the events themselves.
/// </summary>
/// <param name="StreamTime">Time the stream was live and silent, over all calls of this process.</param>
/// <param name="QuietPeriod">How long a silence closes what is open.</param>
/// <param name="ClosedThrough">The last event an empty response followed.</param>
/// <param name="Cuts">The last events before positions that were lost with something open, ascending.</param>
internal readonly record struct StreamMark(TimeSpan StreamTime, TimeSpan QuietPeriod, long ClosedThrough, IReadOnlyList<long> Cuts);

/// <summary>What apply takes at a time.</summary>
/// <param name="Events">In the order of their numbers, possibly none.</param>
/// <param name="Mark">What held after them; null for events that are read from the table.</param>
/// <param name="Cuts">All that is known of lost positions by now, also of those behind further events.</param>
internal sealed record StoredBatch(IReadOnlyList<StoredEvent> Events, StreamMark? Mark, IReadOnlyList<long> Cuts);
