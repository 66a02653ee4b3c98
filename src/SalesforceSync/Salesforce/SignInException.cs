namespace SalesforceSync.Salesforce;

/// <summary>No grant was given.</summary>
internal abstract class SignInException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>Salesforce refuses these credentials: asking again changes nothing and may lock the user out. A person must act.</summary>
/// <param name="code">The OAuth error code, such as <c>invalid_grant</c>.</param>
internal sealed class SignInRefusedException(string org, string code, string remedy) : SignInException($"{org}: sign-in refused ({code}): {remedy}")
{
    public string Code { get; } = code;

    public string Remedy { get; } = remedy;
}

/// <summary>The sign-in did not work this time; it may later.</summary>
internal sealed class SignInUnavailableException(string org, string reason, Exception? innerException = null)
    : SignInException($"{org}: sign-in is not possible at the moment: {reason}", innerException)
{
    public string Reason { get; } = reason;
}
