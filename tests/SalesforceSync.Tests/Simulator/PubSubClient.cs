using System.Net.Http.Json;
using System.Text.Json;
using Eventbus.V1;
using Google.Protobuf;
using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>A plain client of the simulated Salesforce: signs in, subscribes, gives credit by hand.</summary>
internal sealed class PubSubClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly GrpcChannel _channel;

    private PubSubClient(GrpcChannel channel, GrpcMetadata metadata)
    {
        _channel = channel;
        Metadata = metadata;
    }

    public GrpcMetadata Metadata { get; set; }

    /// <summary>Bounds every wait of a test; nothing ever waits so long unless it fails.</summary>
    public static CancellationToken Deadline() => new CancellationTokenSource(Patience, TimeProvider.System).Token;

    public static async Task<PubSubClient> SignInAsync(SimulatedSalesforce simulated)
    {
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = simulated.Settings.SignIn.ClientId,
            ["client_secret"] = simulated.Settings.SignIn.ClientSecret
        });
        using var answer = await http.PostAsync(new Uri(simulated.LoginUrl + "/services/oauth2/token"), form, Deadline());
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Deadline());
        return new PubSubClient(new GrpcChannel(new Uri(simulated.PubSubEndpoint), TimeProvider.System), new GrpcMetadata
        {
            { "accesstoken", token.GetProperty("access_token").GetString()! },
            { "instanceurl", token.GetProperty("instance_url").GetString()! },
            { "tenantid", token.GetProperty("id").GetString()!.Split('/')[^2] }
        });
    }

    public Task<SchemaInfo> GetSchemaAsync(string id)
        => _channel.UnaryAsync(PubSubMethods.GetSchema, new SchemaRequest { SchemaId = id }, Metadata, Patience, Deadline());

    public Task<TopicInfo> GetTopicAsync(string name)
        => _channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest { TopicName = name }, Metadata, Patience, Deadline());

    public async Task<Stream> SubscribeAsync(FetchRequest first)
    {
        var stream = new Stream(_channel.Duplex(PubSubMethods.Subscribe, Metadata, CancellationToken.None));
        await stream.RequestAsync(first);
        return stream;
    }

    public Task<Stream> SubscribeAsync(int credit, string topic = "/data/ChangeEvents", ReplayPreset preset = ReplayPreset.Earliest, ByteString? after = null)
        => SubscribeAsync(new FetchRequest { TopicName = topic, NumRequested = credit, ReplayPreset = preset, ReplayId = after ?? ByteString.Empty });

    public void Dispose() => _channel.Dispose();

    /// <summary>One subscription.</summary>
    internal sealed class Stream(GrpcCall<FetchRequest, FetchResponse> call) : IAsyncDisposable
    {
        // One for its whole life: keepalives must not keep a failing test alive.
        private readonly CancellationToken _deadline = Deadline();

        /// <summary>How large the batches were.</summary>
        public List<int> Batches { get; } = [];

        public FetchResponse? Last { get; private set; }

        public async Task RequestAsync(FetchRequest request) => await call.WriteAsync(request, _deadline);

        public Task RequestAsync(int credit) => RequestAsync(new FetchRequest { NumRequested = credit });

        /// <returns>Null when the stream has ended cleanly.</returns>
        public async Task<FetchResponse?> NextAsync()
        {
            Last = await call.ReadAsync(_deadline);
            if (Last is not null) Batches.Add(Last.Events.Count);
            return Last;
        }

        /// <summary>Reads until so many events are there.</summary>
        public async Task<List<ConsumerEvent>> ReadAsync(int events)
        {
            var read = new List<ConsumerEvent>();
            while (read.Count < events) read.AddRange((await NextAsync() ?? throw new EndOfStreamException()).Events);
            return read;
        }

        public async Task<GrpcException> FailureAsync()
        {
            try
            {
                while (await NextAsync() is not null)
                {
                }
            }
            catch (GrpcException failure)
            {
                return failure;
            }
            throw new InvalidOperationException("the stream ended without an error");
        }

        public ValueTask DisposeAsync() => call.DisposeAsync();
    }
}
