using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Apply;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Masks;
using SalesforceSync.Rebuild;
using SalesforceSync.Receive;
using SalesforceSync.Salesforce;
using SalesforceSync.Store;

namespace SalesforceSync;

/// <summary>
/// The way of one org's data, every stage named once, top to bottom. Each loop begins and ends in Postgres, so that any of them may die at any moment:
/// <code>
/// Subscribe → Receive → Store      received position: raw events are durable before anything is understood of them
///   Store → Decode → Assemble → Apply    applied position: whole Salesforce transactions, each exactly once
/// Salesforce → Snapshot → Apply          readings: what was read at Salesforce is evidence, merged once the stream has caught up with it
/// Salesforce → Repair → Apply            the same, of what events could not tell
/// Salesforce → Sweep → Apply, Repair     comparisons: what Salesforce never told becomes verdicts and repairs
/// </code>
/// Lives as long as the ownership it was made for; the first failure of a loop ends it, and a new one begins from what the database says.
/// </summary>
internal sealed class OrgPipeline(
    OrgOptions options, NpgsqlDataSource source, Ownership ownership, PubSubClient client, RestClient rest, BulkClient bulk, SchemaStore schemas,
    OrgProgress progress, TransactionTraces traces, TimeProvider time, ILoggerFactory loggers)
{
    private readonly OrgMasks _masks = OrgMasks.Of(options);

    /// <summary>Runs until told to stop or the first failure.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await RememberSelectionAsync(stop);
        await new DroppedTables(source, ownership, options.Schema, RuleOf, loggers.CreateLogger<DroppedTables>()).MakeAgainAsync(stop);
        var cursors = new Cursors(source, ownership);
        var numbers = new EventNumbers(await cursors.HighestNumberAsync(stop));
        var delivered = new DeliveredEvents(source, options.Name, options.DeliveredEventsPerDay, time, loggers.CreateLogger<DeliveredEvents>());
        await using var loops = new TaskGroup(stop);
        loops.Start("delivered", delivered.RunAsync);
        foreach (var channel in options.Channels)
            await StartAsync(channel, cursors, numbers, delivered, loops, stop);
        loops.Start("images", new Images(source, ownership, options.Schema, RuleOf, options.EventRetention, time, loggers.CreateLogger<Images>()).RunAsync);
        var readings = new OrgReadings(options, source, ownership, client, rest, bulk, schemas, RuleOf, time, loggers);
        readings.Start(loops);
        loops.Start("state", new OrgStateKeeper(source, ownership, progress, readings.Lookout, time).RunAsync);
        await loops.WhenAllAsync();
    }

    private async Task StartAsync(string channel, Cursors cursors, EventNumbers numbers, DeliveredEvents delivered, TaskGroup loops, CancellationToken stop)
    {
        var start = await cursors.StartAsync(channel, options.PubSubEndpoint.Host, stop);
        var store = new EventStore(source, ownership, channel);
        var handoff = new Handoff(store.ReadAsync, start.Received.Event);
        var watched = progress.Add(channel, options.SilenceAfter);

        var spans = new StoredSpans(traces, options.Name, channel);
        var understand = new SchemaIntake(client, schemas, _masks, spans, options.Name, loggers.CreateLogger<SchemaIntake>());
        var receiving = loggers.CreateLogger<ReceiveLoop>();
        var intake = new Intake(
            store, new LostPosition(source, ownership, channel), handoff, numbers, watched.Receive, understand.UnderstandAsync, spans, time, receiving,
            options.Name);
        var receive = new ReceiveLoop(options, channel, client, intake, delivered, watched.Receive, time, receiving);
        loops.Start($"receive {channel}", token => receive.RunAsync(start, token));

        var applying = loggers.CreateLogger<ApplyLoop>();
        var writer = new RowWriter(options.Name, options.Schema, RuleOf, applying);
        var apply = new ApplyLoop(
            source, ownership, store, handoff, new CompiledSchemas(schemas.FindAsync, _masks), writer, options.Schema, watched.Apply, traces, time, applying);
        loops.Start($"apply {channel}", token => ApplyAsync(apply, watched, applying, token));
    }

    /// <summary>A halted channel stays halted, loudly; what it receives meanwhile is stored, so nothing of it is lost.</summary>
    private async Task ApplyAsync(ApplyLoop apply, ChannelProgress watched, ILogger logger, CancellationToken stop)
    {
        try
        {
            await apply.RunAsync(stop);
        }
        catch (ChannelHaltedException halted)
        {
            logger.ChannelHalted(halted.Message);
            watched.Halted = halted.Message;
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stop);
        }
    }

    private async Task RememberSelectionAsync(CancellationToken stop)
    {
        var named = options.Objects.Named.Select(o => o.Key).Append(ObjectSelection.Rest);
        var selection = new Selection(named.ToDictionary(name => name, RuleOf));
        var (widened, masked) = await new SelectionRecord(source, ownership, options.Schema).UpdateAsync(selection, stop);
        var logger = loggers.CreateLogger<SelectionRecord>();
        if (widened.Count > 0)
            logger.SelectionWidened(options.Name, string.Join(", ", widened));
        if (masked.Count > 0)
            logger.MasksChanged(options.Name, string.Join("; ", masked.Select(m => $"{m.Object}: {string.Join(", ", m.Fields)}")), time.GetUtcNow(), options.EventRetention);
    }

    private ObjectRule RuleOf(string entity) => ObjectRule.Of(options, entity, _masks);
}
