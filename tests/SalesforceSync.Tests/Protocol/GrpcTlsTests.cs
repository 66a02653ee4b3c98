using Eventbus.V1;
using SalesforceSync.Protocol;

namespace SalesforceSync.Tests.Protocol;

public class GrpcTlsTests
{
    [Fact]
    public async Task Trusted_root_and_fitting_name_connect()
    {
        using var authority = new TestAuthority();
        await using var host = await StartAsync(authority, "localhost");
        using var channel = new GrpcChannel(host.Address, TimeProvider.System, [authority.Root]);
        (await AskAsync(channel)).TopicName.ShouldBe("t");
    }

    [Fact]
    public async Task Unknown_root_is_refused()
    {
        using var authority = new TestAuthority();
        await using var host = await StartAsync(authority, "localhost");
        using var channel = new GrpcChannel(host.Address, TimeProvider.System);
        await RefusedAsync(channel);
    }

    [Fact]
    public async Task Name_of_another_host_is_refused_even_under_a_trusted_root()
    {
        using var authority = new TestAuthority();
        await using var host = await StartAsync(authority, "somebody.else.example");
        using var channel = new GrpcChannel(host.Address, TimeProvider.System, [authority.Root]);
        await RefusedAsync(channel);
    }

    private static async Task RefusedAsync(GrpcChannel channel)
    {
        var error = await Should.ThrowAsync<GrpcException>(() => AskAsync(channel));
        (error.Status, error.FromServer).ShouldBe((GrpcStatusCode.Unavailable, false));
        error.Detail.ShouldContain("certificate");
    }

    private static Task<TopicInfo> AskAsync(GrpcChannel channel)
        => channel.UnaryAsync(PubSubMethods.GetTopic, new TopicRequest(), [], null, default);

    private static Task<GrpcHost> StartAsync(TestAuthority authority, string name) => GrpcHost.StartAsync(
        routes => routes.MapUnary(PubSubMethods.GetTopic, (_, _) => Task.FromResult(new TopicInfo { TopicName = "t" })), authority.Issue(name));
}
