namespace SalesforceSync.Apply;

/// <summary>How far Salesforce's times may be from the order of things.</summary>
internal static class CommitTimeSlack
{
    /// <summary>A long transaction commits late and carries older stamps: look back this much further than the last stamp seen.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(30);

    /// <summary>Stamps are whole seconds, and Salesforce's clock is known to about one: what is younger than a reading by less may have been under way beside it.</summary>
    public static readonly TimeSpan Stamp = TimeSpan.FromSeconds(2);
}
