using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Decode;
using SalesforceSync.Receive;
using SalesforceSync.Simulator.Org;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;
using SalesforceSync.Store;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// The product's own parts of one org between two crashes, without the loops that drive them: whoever has a schedule takes their steps. What is left behind
/// when it is thrown away is what lies in Postgres.
/// </summary>
internal sealed class WorldLife : IAsyncDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private readonly OrgOptions _options;
    private readonly SimulatedOrg _org;
    private readonly WorldStream _stream;
    private readonly SchemaStore _schemas;
    private readonly Handoff _handoff;
    private readonly ChannelStart _start;
    private bool _listening;

    private WorldLife(OrgOptions options, SimulatedOrg org, NpgsqlDataSource source, Ownership ownership, ChannelStart start, long highest, TimeProvider time, ILogger logger)
    {
        (_options, _org, _start, Ownership) = (options, org, start, ownership);
        var channel = options.Channels[0];
        _stream = new WorldStream(org, org.FindTopic(channel)!);
        _schemas = new SchemaStore(source);
        var store = new EventStore(source, ownership, channel);
        _handoff = new Handoff(store, start.Received.Event);
        Intake = new Intake(
            store, new LostPosition(source, ownership, channel), _handoff, new EventNumbers(highest), new ReceiveProgress(time), UnderstandAsync, time, logger, options.Name);
        Writer = new RowWriter(options.Name, options.Schema, RuleOf, logger);
        Apply = new ApplyLoop(source, ownership, store, _handoff, new CompiledSchemas(_schemas), Writer, options.Schema, new ApplyProgress(), time, logger);
    }

    public Ownership Ownership { get; }

    public Intake Intake { get; }

    public ApplyLoop Apply { get; }

    public RowWriter Writer { get; }

    private IAsyncDisposable? Session { get; set; }

    public static async Task<WorldLife> BeginAsync(OrgOptions options, SimulatedOrg org, NpgsqlDataSource source, Ownership ownership, TimeProvider time, ILogger logger)
    {
        var cursors = new Cursors(source, ownership);
        var highest = await cursors.HighestNumberAsync(CancellationToken.None);
        var start = await cursors.StartAsync(options.Channels[0], options.PubSubEndpoint.Host, CancellationToken.None);
        var life = new WorldLife(options, org, source, ownership, start, highest, time, logger);
        await life.Intake.StartAsync(start, CancellationToken.None);
        life.Session = await life.Apply.OpenAsync(CancellationToken.None);
        return life;
    }

    /// <summary>One response is received and stored; the position may turn out to be lost.</summary>
    /// <returns>False when it was an empty one.</returns>
    public async Task<bool> ReceiveAsync(int most)
    {
        if (!_listening && !await ListenAsync())
            return true;
        var item = _stream.Next(most);
        await Intake.TakeAsync([item], Quiet, CancellationToken.None);
        return item is StreamItem.Events;
    }

    /// <summary>The call ends; the next one resumes.</summary>
    public void Cut() => _listening = false;

    public async Task<bool> ApplyAsync()
    {
        if (!Apply.HasNews)
            return false;
        await Apply.StepAsync(CancellationToken.None);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (Session is not null)
            await Session.DisposeAsync();
    }

    private async Task<bool> ListenAsync()
    {
        var resume = Intake.Position.ResumeAt(_org.Time.GetUtcNow());
        Intake.StartCall(resumed: !resume.IsEmpty);
        _listening = _start.Missing is null && _stream.Start(StartOf(resume));
        if (!_listening)
            await Intake.LoseAsync("refused", "Repair", _options.PubSubEndpoint.Host, Quiet, CancellationToken.None);
        return _listening;
    }

    private SubscriptionStart StartOf(ReplayId resume)
    {
        if (!resume.IsEmpty)
            return SubscriptionStart.After(resume);
        if (Intake.IsLost || _options.StartFrom == StartFrom.Earliest)
            return SubscriptionStart.Earliest;
        return Intake.Position.Last.IsEmpty ? SubscriptionStart.Latest : SubscriptionStart.After(Intake.Position.Last);
    }

    private async ValueTask<DateTimeOffset?> UnderstandAsync(RawEvent raw, CancellationToken stop)
    {
        if (await _schemas.FindAsync(raw.SchemaId, stop) is not { } json)
            await _schemas.SaveAsync(raw.SchemaId, json = _org.FindSchema(raw.SchemaId)!.Json, stop);
        return DateTimeOffset.FromUnixTimeMilliseconds(EventSchema.Compile(raw.SchemaId, json).DecodeHeader(raw.Payload).CommitTimestamp);
    }

    private ObjectRule RuleOf(string entity)
    {
        var chosen = _options.Objects.For(entity);
        return new(chosen.Include, chosen.Fields, chosen.Exclude, chosen.Deletes == DeletePolicy.Hard);
    }
}
