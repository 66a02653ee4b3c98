namespace SalesforceSync.Subscribe;

/// <summary>What a failed call means.</summary>
/// <param name="Code">Salesforce's error code without its prefix; the status of the call where there was none.</param>
/// <param name="Remedy">One sentence for the operator.</param>
/// <param name="Pause">How long to wait before the next call; null for the usual back-off.</param>
internal sealed record Verdict(Directive Directive, string Code, string Remedy, TimeSpan? Pause);
