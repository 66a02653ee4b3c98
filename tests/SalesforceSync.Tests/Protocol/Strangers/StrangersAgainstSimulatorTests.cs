using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Protocol.Strangers;

/// <summary>
/// What the simulated org publishes, as other people's clients and decoders understand it (tests/strangers/pubsub-subscriber.mjs and
/// pubsub_subscriber.py), compared with what it committed.
/// </summary>
public sealed class StrangersAgainstSimulatorTests : IAsyncLifetime, IDisposable
{
    private const string Prefix = "sfdc.platform.eventbus.grpc.";
    private readonly CertificateFiles _files = new();
    private SimulatedSalesforce _simulated = null!;

    public async Task InitializeAsync() => _simulated = await SimulatedSalesforce.StartAsync(
        new SimulatorSettings { Certificate = _files.Localhost, Keepalive = TimeSpan.FromSeconds(1) }, TimeProvider.System, CancellationToken.None);

    public async Task DisposeAsync() => await _simulated.DisposeAsync();

    public void Dispose() => _files.Dispose();

    [StrangerFact("node")]
    public async Task Salesforces_own_node_client_decodes_what_the_org_committed()
    {
        var committed = new SimulatedHistory(_simulated.Org, nestedOnly: false).Changes;
        await using var client = Node(_simulated.Tokens.Issue(), committed.Count);
        // It fetches schemas between the events of a batch and takes the next batch meanwhile, so that events overtake each other.
        var decoded = new Dictionary<long, DecodedChange>();
        foreach (var _ in committed)
        {
            var change = new DecodedChange(await client.ReadAsync(), _simulated.Org);
            decoded.Add(change.Position, change);
        }
        foreach (var change in committed) decoded[change.Position].ShouldBe(change);
        (await client.ReadAsync()).GetProperty("keepalive").GetBoolean().ShouldBeTrue();
        _simulated.Counts.OverRequests.ShouldBe(0);
    }

    [StrangerFact("node")]
    public async Task Salesforces_own_node_client_is_told_that_its_token_is_bad()
    {
        await using var client = Node(_simulated.Org.Options.OrgId + "!expired", 0);
        var error = await client.ReadAsync();
        error.GetProperty("code").GetInt32().ShouldBe(16);
        error.GetProperty("errorCode").GetString().ShouldBe(Prefix + "service.auth.error");
    }

    [StrangerFact("python")]
    public async Task Grpcio_and_Apache_Avro_decode_what_the_org_committed_in_its_order()
    {
        var committed = new SimulatedHistory(_simulated.Org, nestedOnly: true).Changes;
        await using var client = Python(_simulated.Tokens.Issue(), "events", Topic.AllChanges, $"{committed.Count}");
        foreach (var change in committed)
        {
            var decoded = new DecodedChange(await client.ReadAsync(), _simulated.Org);
            decoded.Position.ShouldBe(change.Position);
            decoded.ShouldBe(change);
        }
        _simulated.Counts.OverRequests.ShouldBe(0);
    }

    [StrangerFact("python")]
    public async Task Grpcio_resumes_right_after_the_id_it_gives()
    {
        var committed = new SimulatedHistory(_simulated.Org, nestedOnly: true).Changes;
        var after = Convert.ToHexString(ReplayPosition.Spell(committed[6].Position).Span);
        await using var client = Python(_simulated.Tokens.Issue(), "events", Topic.AllChanges, "1", after);
        new DecodedChange(await client.ReadAsync(), _simulated.Org).Position.ShouldBe(committed[7].Position);
    }

    [StrangerTheory("python"), InlineData("/data/AccountChangeEvent", "Account"), InlineData("/data/ChangeEvents", null)]
    public async Task Grpcio_gets_topics_of_which_only_those_of_one_object_have_a_schema(string topic, string? of)
    {
        await using var client = Python(_simulated.Tokens.Issue(), "topic", topic);
        var info = await client.ReadAsync();
        info.GetProperty("topic").GetString().ShouldBe(topic);
        info.GetProperty("tenant").GetString().ShouldBe(_simulated.Org.Options.OrgId);
        info.GetProperty("schemaId").GetString().ShouldBe(of is null ? "" : _simulated.Org[of].Schema.Id);
        info.GetProperty("canSubscribe").GetBoolean().ShouldBeTrue();
        info.GetProperty("canPublish").GetBoolean().ShouldBeFalse();
    }

    [StrangerTheory("python")]
    [InlineData("Subscribe", "00000000000000010000", true, 3, "subscription.fetch.replayid.corrupted")]
    [InlineData("Subscribe", "313233", true, 3, "subscription.fetch.replayid.corrupted")]
    [InlineData("Subscribe", "00000000000000010000", false, 16, "service.auth.error")]
    [InlineData("GetTopic", "/data/ChangeEvents", false, 16, "service.auth.error")]
    [InlineData("GetTopic", "/data/NopeChangeEvent", true, 5, "topic.not.found")]
    [InlineData("GetSchema", "AAAAAAAAAAAAAAAAAAAAAA", true, 3, "schema.validation.failed")]
    public async Task Grpcio_reads_status_and_error_code_of_what_is_refused(string method, string argument, bool goodToken, int code, string errorCode)
    {
        var token = goodToken ? _simulated.Tokens.Issue() : _simulated.Org.Options.OrgId[..15] + "!expired";
        await using var client = Python(token, "error", method, argument);
        var error = await client.ReadAsync();
        error.GetProperty("code").GetInt32().ShouldBe(code);
        error.GetProperty("errorCode").GetString().ShouldBe(Prefix + errorCode);
        error.GetProperty("type").GetString().ShouldBe(method);
        error.GetProperty("namesItsCall").GetBoolean().ShouldBeTrue();
    }

    private string Port => $"{new Uri(_simulated.PubSubEndpoint).Port}";

    private Stranger Node(string token, int events) => Stranger.Start("pubsub-subscriber.mjs", [Port, _simulated.InstanceUrl, token, Topic.AllChanges, $"{events}"]);

    private Stranger Python(string token, params string[] check) => Stranger.Start(
        "pubsub_subscriber.py", [Port, _files.Authority, _simulated.InstanceUrl, _simulated.Org.Options.OrgId, token, .. check]);
}
