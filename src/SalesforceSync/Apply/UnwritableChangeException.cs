namespace SalesforceSync.Apply;

/// <summary>
/// A change that can never be written, whatever is retried: its event belongs into quarantine. Thrown before any row of the call is written, but perhaps
/// after tables were made: roll back, tell the writer to forget, and write the rest without it.
/// </summary>
/// <param name="number">The number of the change.</param>
internal sealed class UnwritableChangeException(long number, string message, Exception? inner = null) : Exception(message, inner)
{
    public long Number => number;
}
