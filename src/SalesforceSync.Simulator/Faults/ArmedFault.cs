namespace SalesforceSync.Simulator.Faults;

/// <summary>A fault that waits for its moment. Its script's lock guards it.</summary>
internal sealed class ArmedFault(FaultKind kind, FaultOrder order)
{
    public FaultKind Kind => kind;

    public FaultOrder Order => order;

    /// <summary>How often it has struck: a test of a fault that never struck proves nothing.</summary>
    public int Fired { get; private set; }

    public int TimesLeft => order.Times - Fired;

    /// <summary>Events still to be delivered before it strikes next.</summary>
    public int EventsLeft { get; set; } = order.AfterEvents;

    /// <summary>Requests it still lets pass before it strikes next.</summary>
    public int CallsLeft { get; set; } = order.AfterCalls;

    public bool Due => EventsLeft <= 0;

    public void Strike()
    {
        Fired++;
        EventsLeft = order.AfterEvents;
        CallsLeft = order.AfterCalls;
    }
}
