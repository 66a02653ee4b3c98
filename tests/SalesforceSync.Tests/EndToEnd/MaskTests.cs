using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Eventbus.V1;
using SalesforceSync.Apply;
using SalesforceSync.Cli;
using SalesforceSync.Configuration;
using SalesforceSync.Explain;
using SalesforceSync.Masks;
using SalesforceSync.Parked;
using SalesforceSync.Rebuild;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Work;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Decode;
using OrgOptions = SalesforceSync.Configuration.OrgOptions;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>Values that are masked are kept nowhere, and what stands in their place does not depend on the way they came.</summary>
public sealed class MaskTests
{
    private const string KeyText = "CANARY-mask-key-of-more-than-32-bytes";

    private static readonly MaskKey Key = new(new Secret(KeyText));

    private static readonly DateTimeOffset Moment = new(2001, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
    private static readonly DateOnly Day = new(1999, 7, 13);
    private static readonly TimeOnly Time = new(13, 37, 59, 123);

    private const double Number = 7733125.25;

    private static readonly Dictionary<string, ObjectOptions> Everything = new()
    {
        ["Invoice__c"] = new()
        {
            Mask = Masks(
                FieldMask.Hash, ["Recipient__c", "Total__c", "Due__c", "Sent_At__c", "Cutoff__c", "Paid__c", "Tags__c", "Terms__c", "Hotline__c", "Second_Place__c"],
                FieldMask.Redact, ["Letter__c", "Reference__c", "Quantity__c"], FieldMask.Drop, ["Link__c", "Place__c", "Iban__c"]),
        },
        ["Contact"] = new() { Mask = Masks(FieldMask.Hash, ["Name", "Email", "Emial"], FieldMask.Redact, ["Phone"], FieldMask.Drop, ["Birthdate", "MailingAddress"]) },
        // The name of a business stands where the name of a person does, which a part would tell.
        ["Account"] = new() { Mask = Masks(FieldMask.Redact, ["LastName"], FieldMask.Hash, ["Description", "AnnualRevenue", "NumberOfEmployees"], FieldMask.Drop, []) },
    };

    /// <summary>Whatever of a masked value could be found anywhere.</summary>
    private static readonly string[] Canaries =
    [
        .. DatabaseText.Forms("CANARY"), "7733125", Convert.ToHexStringLower(BitConverter.GetBytes(Number)), "1999-07-13", "04:05:06.789", "13:37:59.123", "47.376887", "8.541692",
        .. new[] { 47.376887, 8.541692 }.Select(c => Convert.ToHexStringLower(BitConverter.GetBytes(c))),
        .. new[] { Moment.ToUnixTimeMilliseconds(), new DateTimeOffset(Day.ToDateTime(default), TimeSpan.Zero).ToUnixTimeMilliseconds() }.Select(n => Convert.ToHexStringLower(PayloadWriter.Number(n))),
    ];

    [PostgresFact]
    public async Task No_masked_value_is_kept_anywhere_however_it_came()
    {
        await using var copied = await CreateAsync(StartFrom.Snapshot, Everything);
        var (org, invoices, contacts) = (copied.Simulated.Org, new List<string>(), new List<string>());
        var account = "";
        // Read by Bulk.
        org.Commit(draft =>
        {
            invoices.Add(draft.Create("Invoice__c", Invoice()));
            contacts.Add(draft.Create("Contact", Contact()));
            account = draft.Create("Account", new Dictionary<string, object?> { ["FirstName"] = "Ada", ["LastName"] = "CANARY-person", ["Description"] = Long("CANARY", 0), ["AnnualRevenue"] = Number });
        });
        copied.Start();
        await ReadAsync(copied);
        // By events: created, changed, as differences, deleted and back.
        org.Commit(draft =>
        {
            invoices.Add(draft.Create("Invoice__c", Invoice()));
            contacts.Add(draft.Create("Contact", Contact()));
            draft.Create("Account", new Dictionary<string, object?> { ["Name"] = "CANARY-business" });
        });
        org.Commit(draft => invoices.Add(draft.Create("Invoice__c", new Dictionary<string, object?> { ["Name"] = "changed" })));
        org.Commit(draft => draft.Update("Invoice__c", invoices[2], Invoice()));
        foreach (var version in new[] { 1, 2, 0 })
        {
            org.Commit(draft => draft.Update("Account", account, new Dictionary<string, object?> { ["Description"] = Long("CANARY", version) }));
            foreach (var id in invoices)
                org.Commit(draft => draft.Update("Invoice__c", id, new Dictionary<string, object?> { ["Letter__c"] = Long("CANARY", version), ["Terms__c"] = Long("CANARY", version) }));
        }
        org.Commit(draft => draft.Delete("Invoice__c", invoices[2]));
        org.Commit(draft => draft.Undelete("Invoice__c", invoices[2]));
        // By REST, since no event told it.
        org.Commit(draft => invoices.Add(draft.GapCreate("Invoice__c", With(Invoice(), ("Letter__c", Long("CANARY", 0)), ("Terms__c", Long("CANARY", 0))), foreignKey: false)));
        org.Commit(draft => contacts.Add(draft.GapCreate("Contact", Contact(), foreignKey: false)));
        // By events that cannot be read: the body, and not even the header.
        var prepared = org.Prepare([org.Begin().Update("Invoice__c", invoices[1], new Dictionary<string, object?> { ["Reference__c"] = "CANARY-broken" })]);
        prepared.Entries[0].Event!.Payload = ByteString.CopyFrom([.. prepared.Entries[0].Event!.Payload.Span, 0]);
        org.Release([prepared]);
        org.Bus.Append([new BusEntry(org["Contact"], new ProducerEvent { Id = Guid.NewGuid().ToString(), SchemaId = org["Contact"].Schema.Id, Payload = ByteString.CopyFromUtf8("\x7fCANARY-garbage") })]);
        await copied.UntilAsync("select count(*) = 2 from salesforce_sync.quarantine");
        await SettledAsync(copied);
        await ShouldBeMaskedAsync(copied, invoices, contacts, account);
        await ShouldHoldNoCanaryAsync(copied);
        copied.Log.Lines.Where(line => line.Id == 6314).ShouldHaveSingleItem().Text.ShouldContain("Contact: Mask names Emial,");
        await ShouldBeParkedWithoutPayloadAsync(copied, prepared.Entries[0].Event!.Payload.ToByteArray(), invoices[1]);
        await ShouldRebuildAsync(copied);
        (await copied.StopAsync()).ShouldBe(0);
        await ShouldHoldNoCanaryAsync(copied);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task What_events_wrote_is_what_a_reading_of_everything_would_write()
    {
        var random = new Random(7);
        await using var copied = await CopiedOrg.CreateAsync(new() { Keepalive = TimeSpan.FromMilliseconds(300) });
        // Whatever there is, but what names records and times.
        copied.Options = WithMasks(copied.Options, copied.Simulated.Org.Truth().Objects.ToDictionary(o => o.Key, o => new ObjectOptions
        {
            Mask = o.Value.Select(f => f.Name).Where(f => f is not ("Id" or "IsDeleted" or "SystemModstamp" or "LastModifiedDate") && random.Next(4) > 0)
                .ToDictionary(f => f, _ => random.Next(5) switch { 0 => FieldMask.Drop, 1 => FieldMask.Redact, _ => FieldMask.Hash }),
        }));
        copied.Start();
        var workload = new Workload(copied.Simulated.Org, new WorkloadOptions { Seed = 61, MaxRecordsPerObject = 40, SchemaChanges = false });
        for (var done = 0; done < 150;) done += workload.Next();
        await copied.CaughtUpAsync();
        await copied.UntilAsync("select count(*) = 5 from salesforce_sync.object");
        await SettledAsync(copied);
        var verify = new VerifyRequests(copied.Source);
        await verify.AskAsync(await verify.ObjectsAsync("acme", CancellationToken.None), deep: true, CancellationToken.None);
        await copied.UntilAsync("select count(*) = 5 and bool_and(state = 'done') from salesforce_sync.read where reason = 'verify deep'");
        (await copied.ScalarAsync<string>("select string_agg(r.object || ' ' || s.differing::text, ', ') from salesforce_sync.sweep s join salesforce_sync.read r on r.id = s.read where s.differing <> '{}'"))
            .ShouldBeNull(copied.Log.ToString());
        (await copied.ScalarAsync<long>("select count(*) from acme.invoice__c")).ShouldBeGreaterThan(10);
        await ShouldRebuildAsync(copied);
    }

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_mask_of_what_is_copied_already_empties_the_columns_and_what_stays_is_read_anew()
    {
        await using var copied = await CreateAsync(StartFrom.Snapshot, []);
        var (org, invoices, contacts) = (copied.Simulated.Org, new List<string>(), new List<string>());
        var account = "";
        org.Commit(draft =>
        {
            invoices.AddRange([draft.Create("Invoice__c", With(Invoice(), ("Letter__c", Long("CANARY", 0)), ("Terms__c", Long("CANARY", 0)))), draft.Create("Invoice__c", Invoice())]);
            contacts.Add(draft.Create("Contact", Contact()));
            account = draft.Create("Account", new Dictionary<string, object?> { ["FirstName"] = "Ada", ["LastName"] = "CANARY-person", ["Description"] = Long("CANARY", 0), ["AnnualRevenue"] = Number });
        });
        copied.Start();
        await ReadAsync(copied);
        // What a fetch changed is kept beside the table, what cannot be read in quarantine.
        org.Commit(draft => draft.GapUpdate("Invoice__c", invoices[1], new Dictionary<string, object?> { ["Letter__c"] = Long("CANARY", 0), ["Terms__c"] = Long("CANARY", 0) }, foreignKey: false));
        var prepared = org.Prepare([org.Begin().Update("Invoice__c", invoices[1], new Dictionary<string, object?> { ["Hotline__c"] = "CANARY-phone" })]);
        prepared.Entries[0].Event!.Payload = ByteString.CopyFrom([.. prepared.Entries[0].Event!.Payload.Span, 0]);
        org.Release([prepared]);
        await copied.UntilAsync("select count(*) = 1 from salesforce_sync.quarantine where payload is not null");
        await SettledAsync(copied);
        await KeptAsync(copied);
        (await copied.StopAsync()).ShouldBe(0);
        (await DatabaseText.OfAsync(copied.Source)).Where(t => Canaries.Any(c => t.Text.Contains(c, StringComparison.Ordinal))).Select(t => Regex.Replace(t.Table, "_?[0-9]+$", "")).Distinct()
            .ShouldBe(["acme.account", "acme.contact", "acme.invoice__c", "salesforce_sync.event", "salesforce_sync.quarantine", "salesforce_sync.read_row", "salesforce_sync_image.image"], ignoreOrder: true);

        copied.Options = WithMasks(copied.Options, Everything);
        org.Commit(draft => draft.Update("Invoice__c", invoices[0], new Dictionary<string, object?> { ["Reference__c"] = "CANARY-reference" }));
        copied.Start();
        await ChangedAsync(copied, times: 1);
        await copied.CaughtUpAsync();
        await SettledAsync(copied);
        await ShouldBeMaskedAsync(copied, invoices, contacts, account);
        await ShouldHoldNoCanaryAsync(copied, but: "salesforce_sync.event");
        await ShouldRebuildAsync(copied);
        await copied.ScalarAsync<object>(Documented());
        await ShouldHoldNoCanaryAsync(copied);
        await ShouldRebuildAsync(copied);
        (await copied.StopAsync()).ShouldBe(0);

        // Another key is another hash, and without masks the values are back, in columns of their types.
        var (before, other) = (await copied.ScalarAsync<string>("select recipient__c from acme.invoice__c limit 1"), new Secret(new string('k', 32)));
        copied.Options = copied.Options with { MaskKey = other };
        copied.Start();
        await ChangedAsync(copied, times: 2);
        await copied.CaughtUpAsync();
        await SettledAsync(copied);
        (await copied.ScalarAsync<string>("select string_agg(distinct recipient__c, ',') from acme.invoice__c")).ShouldBe(new MaskKey(other).Hash("CANARY@example.com"u8), before);
        (await copied.StopAsync()).ShouldBe(0);
        copied.Options = WithMasks(copied.Options, []);
        copied.Start();
        await ChangedAsync(copied, times: 3);
        org.Commit(draft => draft.Update("Invoice__c", invoices[0], new Dictionary<string, object?> { ["Name"] = "again" }));
        await copied.CaughtUpAsync();
        await SettledAsync(copied);
        await copied.ShouldEqualTruthAsync(new() { Repaired = true });
        (await copied.ScalarAsync<string>("select string_agg(column_name, ',') from information_schema.columns where table_schema = 'acme' and column_name like '%\\_\\_2'")).ShouldBeNull();
    }

    [PostgresFact]
    public async Task A_column_that_a_view_holds_fast_keeps_the_org_from_starting_and_says_so()
    {
        await using var copied = await CreateAsync(StartFrom.Earliest, []);
        copied.Simulated.Org.Commit(draft => draft.Create("Contact", Contact()));
        copied.Start();
        await copied.CaughtUpAsync();
        (await copied.StopAsync()).ShouldBe(0);
        await copied.ScalarAsync<object>("create view acme.mails as select email from acme.contact");
        copied.Options = WithMasks(copied.Options, Everything);
        copied.Start();
        await copied.UntilAsync("select true", () => copied.Log.Lines.Any(line => line.Text.Contains("drop that view", StringComparison.Ordinal)));
        await copied.ScalarAsync<object>("drop view acme.mails");
        await copied.UntilAsync($"select email is null or email = '{Hash("CANARY@example.com")}' from acme.contact");
    }

    private static async Task<CopiedOrg> CreateAsync(StartFrom start, Dictionary<string, ObjectOptions> objects) => await CopiedOrg.CreateAsync(
        new() { Keepalive = TimeSpan.FromMilliseconds(300) }, options => WithMasks(options with { StartFrom = start }, objects));

    private static OrgOptions WithMasks(OrgOptions options, Dictionary<string, ObjectOptions> objects) =>
        options with { Objects = new ObjectSelection(new Dictionary<string, ObjectOptions>(objects, StringComparer.OrdinalIgnoreCase)), MaskKey = new Secret(KeyText) };

    private static Dictionary<string, FieldMask> Masks(FieldMask one, string[] first, FieldMask two, string[] second, FieldMask three, string[] third) =>
        first.Select(f => (f, one)).Concat(second.Select(f => (f, two))).Concat(third.Select(f => (f, three))).ToDictionary(m => m.f, m => m.Item2);

    private static Dictionary<string, object?> Invoice() => new()
    {
        ["Name"] = "plain",
        ["Recipient__c"] = "CANARY@example.com",
        ["Total__c"] = Number,
        ["Due__c"] = Day,
        ["Sent_At__c"] = Moment,
        ["Cutoff__c"] = Time,
        ["Paid__c"] = true,
        ["Tags__c"] = "urgent;gift",
        ["Terms__c"] = Long("CANARY", 5),
        ["Letter__c"] = Long("CANARY", 5),
        ["Hotline__c"] = "CANARY-phone",
        ["Reference__c"] = "CANARY-reference",
        ["Quantity__c"] = Number,
        ["Iban__c"] = "CANARY-iban",
        ["Link__c"] = "https://example.com/CANARY",
        ["Place__Latitude__s"] = 47.376887,
        ["Place__Longitude__s"] = 8.541692,
        ["Second_Place__Latitude__s"] = 47.376887,
        ["Second_Place__Longitude__s"] = 8.541692,
    };

    private static Dictionary<string, object?> Contact() => new()
    {
        ["FirstName"] = "CANARY-first",
        ["LastName"] = "CANARY-last",
        ["Email"] = "CANARY@example.com",
        ["Phone"] = "CANARY-phone",
        ["Birthdate"] = Day,
        ["MailingStreet"] = "CANARY-street",
        ["MailingCity"] = "CANARY-city",
        ["Title"] = "plain",
    };

    private static Dictionary<string, object?> With(Dictionary<string, object?> values, params (string Field, object? Value)[] others)
    {
        foreach (var (field, value) in others) values[field] = value;
        return values;
    }

    /// <summary>Long enough to be sent as a difference of the version before.</summary>
    private static string Long(string word, int version) =>
        string.Join('\n', Enumerable.Range(0, 60).Select(i => i == 7 ? $"version {version} of {word}" : $"line {i} of a text that is long enough, {word}"));

    private static string Hash(string text) => Key.Hash(Encoding.UTF8.GetBytes(text));

    /// <summary>Everything was read whole.</summary>
    private static async Task ReadAsync(CopiedOrg copied)
    {
        await copied.UntilAsync("select count(*) = 5 and bool_and(snapshot_at is not null) from salesforce_sync.object");
        await SettledAsync(copied);
    }

    private static Task SettledAsync(CopiedOrg copied) => copied.UntilAsync("""
        select exists (select from salesforce_sync.object) and not exists (select from salesforce_sync.repair where state = 'open')
            and not exists (select from salesforce_sync.pending_diff)
            and not exists (select from salesforce_sync.read r where r.state in ('waiting', 'reading', 'merging'))
        """);

    /// <summary>So often were masks others at a start than at the one before, and it was said once.</summary>
    private static Task ChangedAsync(CopiedOrg copied, int times) => copied.UntilAsync("select true", () => copied.Log.Lines.Count(line => line.Id == 5009) == times);

    /// <summary>Of all that was read a copy is kept.</summary>
    private static Task KeptAsync(CopiedOrg copied) => copied.UntilAsync("""
        select not exists (select from salesforce_sync.object o left join salesforce_sync.image i on i.org = o.org and i.object = o.object
                where i.at is null or i.at = '-infinity')
            and not exists (select from salesforce_sync.read r join salesforce_sync.image i on i.object = r.object where r.kind in ('snapshot', 'fill') and r.closed_at > i.at)
        """);

    private static async Task ShouldBeMaskedAsync(CopiedOrg copied, List<string> invoices, List<string> contacts, string account)
    {
        var expected = string.Join('|',
            Hash("CANARY@example.com"), Hash("7733125.25"), Hash("1999-07-13"), Hash("2001-02-03T04:05:06.789Z"), Hash("13:37:59.123"), Hash("true"), Hash("urgent;gift"),
            Hash(Long("CANARY", 0)), Hash("CANARY-phone"), Hash("47.376887"), Hash("8.541692"), "REDACTED", "REDACTED", "REDACTED");
        (await copied.ScalarAsync<string>($"""
            select string_agg(distinct concat_ws('|', recipient__c, total__c, due__c, sent_at__c, cutoff__c, paid__c, tags__c, terms__c, hotline__c,
                second_place__latitude__s, second_place__longitude__s, letter__c, reference__c, quantity__c), e'\n') from acme.invoice__c where id in ({Ids(invoices)})
            """)).ShouldBe(expected, copied.Log.ToString());
        (await copied.ScalarAsync<long>($"select count(*) from acme.invoice__c where id in ({Ids(invoices)}) and not _sync_deleted")).ShouldBe(invoices.Count);
        (await copied.ScalarAsync<string>($"select string_agg(distinct concat_ws('|', firstname, lastname, name, email, phone, title), e'\\n') from acme.contact where id in ({Ids(contacts)})"))
            .ShouldBe(string.Join('|', Hash("CANARY-first"), Hash("CANARY-last"), $"{Hash("CANARY-first")} {Hash("CANARY-last")}", Hash("CANARY@example.com"), "REDACTED", "plain"));
        (await copied.ScalarAsync<string>($"select concat_ws('|', firstname, lastname, name, description, annualrevenue, numberofemployees) from acme.account where id = '{account}'"))
            .ShouldBe(string.Join('|', "Ada", "REDACTED", "Ada REDACTED", Hash(Long("CANARY", 0)), Hash("7733125.25")));
        (await copied.ScalarAsync<string>("""
            select string_agg(table_name || '.' || column_name, ',') from information_schema.columns
            where table_schema = 'acme' and (column_name in ('link__c', 'iban__c', 'birthdate') or column_name like 'place\_\_%' or column_name like 'mailing%')
            """)).ShouldBeNull();
    }

    /// <summary>The statement that removes what was stored before, as docs/operations.md has it.</summary>
    private static string Documented()
    {
        var text = File.ReadAllText(Path.Combine(House.Repository.Root, "docs/operations.md"));
        var statement = text[text.IndexOf("update salesforce_sync.event e set payload", StringComparison.Ordinal)..];
        return statement[..statement.IndexOf("```", StringComparison.Ordinal)];
    }

    private static string Ids(IEnumerable<string> ids) => string.Join(", ", ids.Select(id => $"'{id}'"));

    private static async Task ShouldHoldNoCanaryAsync(CopiedOrg copied, string? but = null)
    {
        foreach (var (table, text) in await DatabaseText.OfAsync(copied.Source))
        {
            if (but is null || !table.StartsWith(but, StringComparison.Ordinal))
                Canaries.FirstOrDefault(canary => text.Contains(canary, StringComparison.Ordinal)).ShouldBeNull(table);
        }
        copied.Log.Lines.FirstOrDefault(line => Canaries.Any(canary => line.Text.Contains(canary, StringComparison.Ordinal))).Text.ShouldBeNull();
        foreach (var id in await Records(copied))
        {
            var (_, entries) = await new RecordLife(copied.Source, "acme", "acme", values: true, OrgMasks.Of(copied.Options)).ReadAsync(id, CancellationToken.None);
            entries.SelectMany(entry => entry.Details.Values).FirstOrDefault(value => Canaries.Any(canary => value?.Contains(canary, StringComparison.Ordinal) == true)).ShouldBeNull(id);
        }
    }

    private static async Task<string[]> Records(CopiedOrg copied) =>
        (await copied.ScalarAsync<string>("select string_agg(id, ',') from (select id from acme.invoice__c union select id from acme.contact) i"))!.Split(',');

    private static async Task ShouldBeParkedWithoutPayloadAsync(CopiedOrg copied, byte[] payload, string record)
    {
        (await copied.ScalarAsync<string>("select string_agg(coalesce(object, '-') || ' ' || coalesce(header ->> 'changeType', '-') || ' ' || (payload is null)::text, ', ' order by id) from salesforce_sync.quarantine"))
            .ShouldBe("Invoice__c UPDATE true, - - true");
        (await copied.ScalarAsync<string>("select encode(payload_sha256, 'hex') from salesforce_sync.quarantine order by id limit 1")).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(payload)));
        var (_, entries) = await new RecordLife(copied.Source, "acme", "acme", values: true, OrgMasks.Of(copied.Options)).ReadAsync(record, CancellationToken.None);
        entries.ShouldContain(entry => entry.Details.GetValueOrDefault("quarantine") != null, "explain");
        var parked = new ParkedEvents(copied.Source, "acme", masks: OrgMasks.Of(copied.Options));
        var outcomes = await parked.RetryAsync(await parked.FindAsync(new([], []), closed: false, CancellationToken.None), CancellationToken.None);
        outcomes.Select(o => (o.State, string.Join(',', o.Records))).ShouldBe([("retried", record), ("retried", "")]);
        await SettledAsync(copied);
    }

    private static async Task ShouldRebuildAsync(CopiedOrg copied)
    {
        await KeptAsync(copied);
        await copied.UntilAsync("select a.event = r.event from salesforce_sync.cursor a join salesforce_sync.cursor r using (org, channel) where a.stage = 'applied' and r.stage = 'received'");
        await using var source = SalesforceSync.Database.Postgres.Open(copied.Database, "rebuild");
        var rebuild = new TableRebuild(source, "acme", "acme", name => ObjectRule.Of(copied.Options, name), TimeProvider.System, OrgMasks.Of(copied.Options));
        foreach (var name in new[] { "Account", "Contact", "Invoice__c" })
        {
            var outcome = await rebuild.RunAsync(name, writes: false, confirmed: false, CancellationToken.None);
            (outcome.Differing, outcome.Columns).ShouldBe((0, 0), $"{outcome}");
        }
    }
}
