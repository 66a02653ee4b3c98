namespace SalesforceSync.Tests.House;

/// <summary>What the image and docker-compose.yml promise, told from the files.</summary>
public class ContainerTests
{
    private static readonly ImageFile Image = ImageFile.Read(Path.Combine(Repository.Root, "Dockerfile"));

    private static readonly ComposeFile Compose = ComposeFile.Read(Path.Combine(Repository.Root, "docker-compose.yml"));

    [Fact]
    public void The_image_starts_the_program_as_a_numbered_user_that_is_not_root()
    {
        Image.Entrypoint.ShouldBe(["/app/salesforce-sync"]);
        Image.Command.ShouldBe(["run"]);
        Image.HealthCheck.ShouldBe(["/app/salesforce-sync", "health"]);
        Image.User.Split(':').ShouldAllBe(id => int.Parse(id) > 0);
    }

    [Fact]
    public void No_image_is_taken_without_a_version()
    {
        var images = File.ReadLines(Path.Combine(Repository.Root, "Dockerfile")).Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])
            .Append(Compose.Find<string>("postgres", "image")!);
        images.ShouldAllBe(image => image.Contains(':') && !image.EndsWith(":latest"));
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("simulator")]
    [InlineData("demo")]
    public void Our_services_can_write_nothing_but_tmp_and_gain_nothing(string service)
    {
        Compose.Find<string>(service, "read_only").ShouldBe("true");
        Compose.List(service, "tmpfs").ShouldBe(["/tmp"]);
        Compose.List(service, "cap_drop").ShouldBe(["ALL"]);
        Compose.List(service, "security_opt").ShouldBe(["no-new-privileges:true"]);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("demo")]
    public void The_program_itself_tells_whether_it_is_healthy(string service) =>
        ((List<string>)Compose.Find<Dictionary<string, object>>(service, "healthcheck")!["test"]).ShouldBe(["CMD", .. Image.HealthCheck]);

    [Fact]
    public void The_demo_worker_speaks_to_the_simulator_over_their_common_loopback()
    {
        Compose.Find<string>("demo", "network_mode").ShouldBe("service:simulator");
        Compose.Environment("demo").Where(pair => pair.Key.StartsWith("Orgs__") && pair.Value.Contains("://")).ShouldAllBe(pair => new Uri(pair.Value).IsLoopback);
    }
}
