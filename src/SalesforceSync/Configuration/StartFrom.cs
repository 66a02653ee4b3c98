namespace SalesforceSync.Configuration;

/// <summary>Where an org without a stored position begins.</summary>
internal enum StartFrom
{
    /// <summary>With what there is: everything is read once, under the stream.</summary>
    Snapshot,

    /// <summary>With the oldest event Salesforce still keeps (72 hours).</summary>
    Earliest,

    /// <summary>With the next event.</summary>
    Latest,
}
