namespace SalesforceSync.Tests.Chaos;

/// <summary>What the product calls, each counted for itself.</summary>
internal enum Callee
{
    /// <summary>Exchanges with Postgres.</summary>
    Database,

    /// <summary>Sign-in, REST and Bulk.</summary>
    Http,

    /// <summary>Pub/Sub calls other than the subscription.</summary>
    Grpc,

    /// <summary>Responses of the subscription, and schemas that their events need.</summary>
    Stream,
}

/// <summary>How the call fails.</summary>
internal enum Failure
{
    /// <summary>The connection is reset before the callee has done anything.</summary>
    CutBefore,

    /// <summary>It is done, and the connection is reset instead of an answer.</summary>
    LoseAnswer,

    /// <summary>The callee says that it cannot just now.</summary>
    Unavailable,
}

/// <summary>One call of a run that fails: the n-th of a kind. Any thread.</summary>
internal sealed class NthCall(Callee callee, Failure failure, int n)
{
    private readonly int[] _calls = new int[Enum.GetValues<Callee>().Length];
    private int _struck;

    /// <summary>No call fails; they are counted.</summary>
    public static NthCall None => new(Callee.Database, Failure.CutBefore, 0);

    public bool HasStruck => Volatile.Read(ref _struck) > 0;

    /// <summary>Calls so far.</summary>
    public int this[Callee of] => Volatile.Read(ref _calls[(int)of]);

    /// <summary>Counts one call; how it fails, or null.</summary>
    public Failure? Count(Callee of)
    {
        var number = Interlocked.Increment(ref _calls[(int)of]);
        if (of != callee || number != n)
            return null;
        Volatile.Write(ref _struck, 1);
        return failure;
    }

    public override string ToString() => $"{callee} {n} {failure}";
}
