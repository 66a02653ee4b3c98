namespace SalesforceSync.Cli.Demo;

/// <summary>The demo cannot go on; the message tells a person why.</summary>
internal sealed class DemoFailedException(string message) : Exception(message);
