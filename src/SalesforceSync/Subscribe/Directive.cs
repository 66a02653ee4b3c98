namespace SalesforceSync.Subscribe;

/// <summary>What the receive loop does after a failed call. The short list is what is retried; anything not understood is <see cref="Stop"/>.</summary>
internal enum Directive
{
    /// <summary>Back off and resume after the last durable replay id.</summary>
    Resume,

    /// <summary>Drop the token, sign in, then resume.</summary>
    SignInAgain,

    /// <summary>The replay id is lost: record the window in doubt and subscribe anew, in one transaction.</summary>
    Repair,

    /// <summary>Asked for too much: a long pause, then resume.</summary>
    SlowDown,

    /// <summary>A person should look, but it may pass by itself: resume slowly.</summary>
    Wait,

    /// <summary>A bug, or a configuration that only a person can mend.</summary>
    Stop,
}
