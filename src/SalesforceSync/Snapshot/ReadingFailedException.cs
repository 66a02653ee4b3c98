namespace SalesforceSync.Snapshot;

/// <summary>A reading came to nothing as it is (rule E9: an outcome, never polled for ever): it begins anew, and is given up after a few times.</summary>
internal sealed class ReadingFailedException(string message) : Exception(message);

/// <summary>Salesforce shows less of an object than it did, and nothing may be deleted for that: a person has to look.</summary>
internal sealed class ObjectFrozenException(string message) : Exception(message);
