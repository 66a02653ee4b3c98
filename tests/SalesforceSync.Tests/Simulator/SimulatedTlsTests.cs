using SalesforceSync.Protocol;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Protocol;

namespace SalesforceSync.Tests.Simulator;

public class SimulatedTlsTests
{
    [Fact]
    public async Task Both_ports_speak_tls_when_there_is_a_certificate()
    {
        using var authority = new TestAuthority();
        using var certificate = authority.Issue("localhost");
        await using var simulated = await SimulatedSalesforce.StartAsync(
            new SimulatorSettings { Certificate = certificate, InstanceUrl = "https://acme.my.salesforce.example" }, TimeProvider.System, CancellationToken.None);
        simulated.LoginUrl.ShouldStartWith("https://");
        using var channel = new GrpcChannel(new Uri(simulated.PubSubEndpoint), TimeProvider.System, [authority.Root]);
        var metadata = new GrpcMetadata
        {
            { "accesstoken", simulated.Tokens.Issue() },
            { "instanceurl", "https://acme.my.salesforce.example/" },
            { "tenantid", simulated.Org.Options.OrgId[..15] }
        };
        var topic = await channel.UnaryAsync(
            PubSubMethods.GetTopic, new Eventbus.V1.TopicRequest { TopicName = "/data/ChangeEvents" }, metadata, TimeSpan.FromSeconds(10), PubSubClient.Deadline());
        topic.CanSubscribe.ShouldBeTrue();
        topic.CanPublish.ShouldBeFalse();
    }
}
