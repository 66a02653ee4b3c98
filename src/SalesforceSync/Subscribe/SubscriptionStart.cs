using Eventbus.V1;

namespace SalesforceSync.Subscribe;

/// <summary>Where a call begins. Said explicitly each time: an unset preset means LATEST to Salesforce, and would skip events in silence.</summary>
/// <param name="ReplayId">Empty unless the preset is CUSTOM; the stream then goes on after it.</param>
internal sealed record SubscriptionStart(ReplayPreset Preset, ReplayId ReplayId)
{
    /// <summary>All that is retained.</summary>
    public static SubscriptionStart Earliest { get; } = new(ReplayPreset.Earliest, default);

    /// <summary>Only what happens from now on.</summary>
    public static SubscriptionStart Latest { get; } = new(ReplayPreset.Latest, default);

    /// <summary>What follows this position.</summary>
    /// <exception cref="ArgumentException">The id is empty: there is no position to go on from.</exception>
    public static SubscriptionStart After(ReplayId id) =>
        id.IsEmpty ? throw new ArgumentException("an empty replay id is no position: begin with EARLIEST or LATEST", nameof(id)) : new(ReplayPreset.Custom, id);
}
