using Eventbus.V1;
using Microsoft.Extensions.Logging;
using SalesforceSync.Protocol;
using SalesforceSync.Subscribe;

namespace SalesforceSync.Salesforce;

/// <summary>The Pub/Sub API of one org: calls with the org's own credentials. Safe from several threads.</summary>
internal sealed class PubSubClient(GrpcChannel channel, TokenSource tokens, string org, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private AccessGrant? _used;

    /// <summary>Used where the token's answer did not name the org.</summary>
    public OrgId? KnownOrg { get; set; }

    /// <summary>How long the last connect took; null before the first.</summary>
    public TimeSpan? RoundTrip => channel.RoundTrip;

    /// <exception cref="GrpcException">Any refusal.</exception>
    /// <exception cref="SignInException">No token.</exception>
    public Task<TopicInfo> GetTopicAsync(string topic, CancellationToken stop)
    {
        var request = new TopicRequest { TopicName = topic };
        return AskAsync(metadata => channel.UnaryAsync(PubSubMethods.GetTopic, request, metadata, Patience, stop), stop);
    }

    /// <summary>The JSON of a schema.</summary>
    /// <exception cref="GrpcException">Any refusal.</exception>
    /// <exception cref="SignInException">No token.</exception>
    public async Task<string> GetSchemaAsync(string schemaId, CancellationToken stop)
    {
        var request = new SchemaRequest { SchemaId = schemaId };
        var answer = await AskAsync(metadata => channel.UnaryAsync(PubSubMethods.GetSchema, request, metadata, Patience, stop), stop);
        return answer.SchemaJson;
    }

    /// <summary>Prepares one Subscribe call; it is made when it is read.</summary>
    /// <exception cref="SignInException">No token.</exception>
    public async Task<Subscription> SubscribeAsync(string topic, SubscriptionStart start, ListeningTimes times, Func<int> freeRoom, CancellationToken stop) =>
        new(channel, await MetadataAsync(stop), topic, start, times, freeRoom, time, logger, org);

    /// <summary>Says that Salesforce refused the token of the last call.</summary>
    public void DropToken()
    {
        if (Volatile.Read(ref _used) is { } used)
            tokens.Invalidate(used);
    }

    /// <summary>A session ends when it was unused for some hours, which a stream that lives on does not notice: a refused token is replaced once.</summary>
    private async Task<T> AskAsync<T>(Func<GrpcMetadata, Task<T>> ask, CancellationToken stop)
    {
        var grant = await tokens.GetAsync(stop);
        try
        {
            return await ask(MetadataOf(grant));
        }
        catch (GrpcException refused) when (refused is { FromServer: true, Status: GrpcStatusCode.Unauthenticated })
        {
            tokens.Invalidate(grant);
            return await ask(await MetadataAsync(stop));
        }
    }

    private async ValueTask<GrpcMetadata> MetadataAsync(CancellationToken stop)
    {
        var grant = await tokens.GetAsync(stop);
        Volatile.Write(ref _used, grant);
        return MetadataOf(grant);
    }

    private GrpcMetadata MetadataOf(AccessGrant grant) => new()
    {
        { "accesstoken", grant.Token.Reveal },
        { "instanceurl", grant.InstanceText },
        { "tenantid", (grant.Org ?? KnownOrg)?.ToString() ?? "" },
    };
}
