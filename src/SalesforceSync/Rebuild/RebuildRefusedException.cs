namespace SalesforceSync.Rebuild;

/// <summary>A table cannot be made again from what is kept; nothing was changed. The message says what is missing and what to do.</summary>
internal sealed class RebuildRefusedException(string message, Exception? inner = null) : Exception(message, inner);
