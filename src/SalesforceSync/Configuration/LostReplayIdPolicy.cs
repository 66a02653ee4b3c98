namespace SalesforceSync.Configuration;

/// <summary>What to do when Salesforce no longer knows the stored replay id.</summary>
internal enum LostReplayIdPolicy
{
    /// <summary>Record the window in doubt, go on with what Salesforce still keeps, and repair the window.</summary>
    Repair,

    /// <summary>Record the window in doubt and go on with the oldest event kept.</summary>
    Earliest,

    /// <summary>Record the window in doubt and go on with the next event.</summary>
    Latest,

    /// <summary>Stop and wait for a person.</summary>
    Stop,
}
