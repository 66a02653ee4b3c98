namespace SalesforceSync.Simulator.Bulk;

/// <summary>In Salesforce's words.</summary>
internal enum JobState
{
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted
}
