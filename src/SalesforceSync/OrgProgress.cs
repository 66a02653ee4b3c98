using SalesforceSync.Apply;
using SalesforceSync.Receive;

namespace SalesforceSync;

/// <summary>One channel as it is watched.</summary>
/// <param name="before">As an earlier pipeline was watched.</param>
internal sealed class ChannelProgress(string channel, TimeSpan silenceAfter, TimeProvider time, ChannelProgress? before = null)
{
    private volatile string? _halted;

    public string Channel => channel;

    public ReceiveProgress Receive { get; } = new(time, before?.Receive);

    public ApplyProgress Apply { get; } = new();

    /// <summary>Why the channel is not applied any more, or null.</summary>
    public string? Halted
    {
        get => _halted;
        set => _halted = value;
    }

    /// <summary>A live stream is never silent for longer.</summary>
    public TimeSpan SilenceAfter => silenceAfter;

    public bool IsPastDeadline => Receive.Silence > silenceAfter;
}

/// <summary>What is known in memory of an org's progress; safe from any thread.</summary>
internal sealed class OrgProgress(string org, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<ChannelProgress> _channels = [];
    private OrgState _state = OrgState.Starting;
    private IReadOnlyList<string> _reasons = [];

    public string Org => org;

    public (OrgState State, IReadOnlyList<string> Reasons) Current
    {
        get { lock (_gate) return (_state, _reasons); }
    }

    public IReadOnlyList<ChannelProgress> Channels
    {
        get { lock (_gate) return [.. _channels]; }
    }

    /// <summary>Starts to watch a channel; of one of the same name from an earlier pipeline only its silence is kept: beginning anew is no sign of life.</summary>
    public ChannelProgress Add(string channel, TimeSpan silenceAfter)
    {
        lock (_gate)
        {
            var added = new ChannelProgress(channel, silenceAfter, time, _channels.Find(c => c.Channel == channel));
            _channels.RemoveAll(c => c.Channel == channel);
            _channels.Add(added);
            return added;
        }
    }

    /// <summary>No channel is watched any more: that it is silent is meant.</summary>
    public void Forget()
    {
        lock (_gate)
            _channels.Clear();
    }

    public void Set(OrgState state, params IReadOnlyList<string> reasons)
    {
        lock (_gate)
            (_state, _reasons) = (state, reasons);
    }
}
