using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>What cannot be understood or written is parked with its bytes, its records are queued, and everything else is copied.</summary>
public sealed class QuarantineTests
{
    [PostgresFact]
    public async Task An_event_of_garbage_is_parked_and_its_object_queued_in_the_commit_that_moves_the_position()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        copy.Commit(50);
        var garbage = Garbage(copy, 1);
        // Looked at before anybody sets about the repair.
        await copy.Copied.UntilAsync("""
            select q.xmin = c.xmin and r.xmin = c.xmin and q.event = c.event and r.object = 'schema ' || q.schema_id and r.record_id is null
            from salesforce_sync.quarantine q, salesforce_sync.repair r, salesforce_sync.cursor c where c.stage = 'applied' and r.reason = 'quarantine'
            """);
        (await copy.Copied.ScalarAsync<byte[]>("select payload from salesforce_sync.quarantine where state = 'open'")).ShouldBe(garbage);
        await copy.ShouldBeExactAsync();
    }

    [PostgresFact]
    public async Task An_event_whose_body_is_broken_is_parked_and_its_record_queued_while_the_rest_of_its_transaction_is_written()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var (good, bad) = ("", "");
        copy.Org.Commit(draft =>
        {
            good = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "good" });
            bad = draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "bad" });
        });
        var transaction = copy.Org.Begin().Update("Account", good, Site("one")).Update("Account", bad, Site("one"));
        var prepared = copy.Org.Prepare([transaction]);
        var broken = prepared.Entries[1];
        broken.Event!.Payload = ByteString.CopyFrom([.. broken.Event.Payload.Span, 0]);
        copy.Org.Release([prepared]);
        await copy.Copied.CaughtUpAsync();
        (await copy.Copied.ScalarAsync<string>($"select site from acme.account where id = '{good}'")).ShouldBe("one");
        (await copy.Copied.ScalarAsync<string>($"select reason from salesforce_sync.repair where record_id = '{bad}'")).ShouldBe("quarantine");
        (await copy.Copied.ScalarAsync<bool>("select q.xmin = c.xmin from salesforce_sync.quarantine q, salesforce_sync.cursor c where c.stage = 'applied'")).ShouldBeTrue();
        // The same field again: now the record is what the org has, and the ledger whole.
        copy.Org.Commit(draft => draft.Update("Account", bad, Site("two")));
        await copy.ShouldBeExactAsync(torn: 1);
    }

    [PostgresFact]
    public async Task What_is_parked_is_fetched_by_itself_a_record_or_the_whole_object_and_stays_parked()
    {
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) });
        var (org, ids) = (copied.Simulated.Org, new List<string>());
        org.Commit(draft => ids.AddRange(Enumerable.Range(0, 4).Select(i => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{i}" }))));
        copied.Start();
        var prepared = org.Prepare([org.Begin().Update("Account", ids[0], Site("body"))]);
        prepared.Entries[0].Event!.Payload = ByteString.CopyFrom([.. prepared.Entries[0].Event!.Payload.Span, 0]);
        org.Release([prepared]);
        await copied.UntilAsync($"select site = 'body' from acme.account where id = '{ids[0]}'");
        (await copied.ScalarAsync<long>("select count(*) from salesforce_sync.read where kind = 'snapshot'")).ShouldBe(0);

        // Whose change it was is told by nothing but the schema.
        org.Commit(draft => draft.Unpublished().Update("Account", ids[1], Site("header")));
        Garbage(org, 1);
        await copied.UntilAsync($"select site = 'header' from acme.account where id = '{ids[1]}'");
        await RepairTests.ShouldBeRepairedAsync(copied);
        (await copied.ScalarAsync<string>("select string_agg(coalesce(object, '-') || ' ' || state, ', ' order by id) from salesforce_sync.quarantine")).ShouldBe("Account open, - open");
        (await copied.ScalarAsync<string>("select string_agg(coalesce(object || '.' || left(record_id, 3), 'none'), ', ' order by object, record_id) from salesforce_sync.repair where record_id is not null")).ShouldBe("Account.001");
    }

    [PostgresFact]
    public async Task An_event_that_a_constraint_of_the_user_refuses_is_parked_and_the_others_of_its_batch_are_written()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        var ids = new List<string>();
        copy.Org.Commit(draft => ids.AddRange(Enumerable.Range(0, 10).Select(i => draft.Create("Account", new Dictionary<string, object?> { ["Name"] = $"{i}" }))));
        await copy.ShouldBeExactAsync();
        await copy.ExecuteAsync("alter table acme.account add constraint no_evil check (site <> 'evil')");
        foreach (var id in ids) copy.Org.Commit(draft => draft.Update("Account", id, Site(id == ids[4] ? "evil" : "fine")));
        await copy.Copied.CaughtUpAsync();
        (await copy.Copied.ScalarAsync<long>("select count(*) from acme.account where site = 'fine'")).ShouldBe(9);
        (await copy.Copied.ScalarAsync<string>("select reason from salesforce_sync.quarantine")).ShouldBe("Postgres refuses the row: 23514 account no_evil");
        (await copy.Copied.ScalarAsync<string>($"select reason from salesforce_sync.repair where record_id = '{ids[4]}'")).ShouldBe("quarantine");
        copy.Org.Commit(draft => draft.Update("Account", ids[4], Site("good")));
        await copy.ShouldBeExactAsync(torn: 1);
    }

    [PostgresFact]
    public async Task More_than_five_of_the_last_thousand_halt_the_channel_loudly_and_receiving_goes_on()
    {
        await using var copy = await ProvenCopy.CreateAsync();
        copy.Copied.Start();
        copy.Commit(50);
        Garbage(copy, 6);
        await copy.Copied.UntilAsync("select state = 'failed' from salesforce_sync.org");
        await copy.UntilReadyAsync(false);
        copy.Copied.Log.Lines.ShouldContain(line => line.Id == 8104);
        (await copy.Copied.ScalarAsync<long>("select count(*) from salesforce_sync.quarantine")).ShouldBe(5);
        copy.Commit(50);
        await copy.Copied.UntilAsync($"select count(*) = {copy.Org.Bus.EventCount} from salesforce_sync.event");
        // The cause is mended by hand; the start after that goes on where it stopped.
        await copy.ExecuteAsync("update salesforce_sync.quarantine set state = 'dropped'");
        await copy.Copied.StopAsync();
        copy.Copied.Start();
        await copy.ShouldBeExactAsync();
    }

    private static Dictionary<string, object?> Site(string site) => new() { ["Site"] = site };

    /// <summary>Publishes events that nobody can read, and returns their content.</summary>
    private static byte[] Garbage(ProvenCopy copy, int events) => Garbage(copy.Org, events);

    private static byte[] Garbage(SimulatedOrg org, int events)
    {
        var account = org["Account"];
        byte[] payload = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        org.Bus.Append([.. Enumerable.Range(0, events).Select(_ => new BusEntry(
            account, new ProducerEvent { Id = Guid.NewGuid().ToString(), SchemaId = account.Schema.Id, Payload = ByteString.CopyFrom(payload) }))]);
        return payload;
    }
}
