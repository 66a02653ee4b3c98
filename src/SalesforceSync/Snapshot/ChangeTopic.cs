namespace SalesforceSync.Snapshot;

/// <summary>The names of the channels and events that carry one object's changes (Change Data Capture Developer Guide, "Subscription Channels").</summary>
internal static class ChangeTopic
{
    private const string Folder = "/data/";
    private const string EventSuffix = "ChangeEvent";
    private const string CustomEventSuffix = "__ChangeEvent";

    /// <summary>The channel of every change selected for the org.</summary>
    public const string All = "/data/ChangeEvents";

    /// <summary><c>Account</c>: <c>/data/AccountChangeEvent</c>; <c>Invoice__c</c>: <c>/data/Invoice__ChangeEvent</c>.</summary>
    public static string Of(string objectName) => Folder + (objectName.EndsWith("__c", StringComparison.OrdinalIgnoreCase)
        ? objectName[..^3] + CustomEventSuffix
        : objectName + EventSuffix);

    /// <summary>The object of a change event's name; null when it is none (an id, a platform event).</summary>
    public static string? ObjectOf(string eventName) => eventName switch
    {
        _ when eventName.EndsWith(CustomEventSuffix, StringComparison.OrdinalIgnoreCase) && eventName.Length > CustomEventSuffix.Length =>
            eventName[..^CustomEventSuffix.Length] + "__c",
        _ when eventName.EndsWith(EventSuffix, StringComparison.OrdinalIgnoreCase) && eventName.Length > EventSuffix.Length => eventName[..^EventSuffix.Length],
        _ => null,
    };

    /// <summary>The object of a channel that carries one object only, or null.</summary>
    public static string? ObjectOfChannel(string channel) => channel.StartsWith(Folder, StringComparison.OrdinalIgnoreCase) ? ObjectOf(channel[Folder.Length..]) : null;

    /// <summary>Whether a channel is what <c>PlatformEventChannelMember.EventChannel</c> calls so: <c>ChangeEvents</c>, <c>Sales__chn</c>.</summary>
    public static bool IsNamed(string channel, string memberOf) =>
        channel.Equals(Folder + memberOf, StringComparison.OrdinalIgnoreCase) || channel.Equals(memberOf, StringComparison.OrdinalIgnoreCase);
}
