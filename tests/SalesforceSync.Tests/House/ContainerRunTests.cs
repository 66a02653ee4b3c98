using System.Net;
using System.Net.Sockets;
using Npgsql;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.House;

/// <summary>The command lines of docker-compose.yml, run as a container engine would run them, until a change has been copied.</summary>
public class ContainerRunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly ImageFile Image = ImageFile.Read(Path.Combine(Repository.Root, "Dockerfile"));

    private static readonly ComposeFile Compose = ComposeFile.Read(Path.Combine(Repository.Root, "docker-compose.yml"));

    [JailFact]
    public async Task The_demo_of_the_compose_file_copies_as_an_unprivileged_user_on_a_read_only_root()
    {
        using var jail = new Jail();
        var database = await PostgresFixture.CreateDatabaseAsync();
        // The fixed ports of the file become free ones, alike in both services, since the machine's network is shared.
        var ports = new Dictionary<string, string> { ["8090"] = FreePort(), ["7443"] = FreePort(), ["8080"] = FreePort() };
        string Free(string text) => ports.Aggregate(text, (replaced, port) => replaced.Replace(port.Key, port.Value, StringComparison.Ordinal));
        var environment = Compose.Environment("demo").ToDictionary(pair => pair.Key, pair => Free(pair.Value));
        environment["ConnectionStrings__Postgres"] = database;
        environment["Http__Port"] = ports["8080"];

        var simulator = jail.Start(Image, [], [.. Image.Entrypoint, .. Compose.List("simulator", "command").Select(Free)]);
        var worker = jail.Start(Image, environment, [.. Image.Entrypoint, .. Image.Command]);

        await UntilAsync(() => IsReadyAsync(ports["8080"]), worker, simulator);
        await UntilAsync(() => HasRowsAsync(database), worker, simulator);
        var health = jail.Start(Image, environment, Image.HealthCheck);
        (await health.ExitAsync(Patience)).ShouldBe(0, health.Said);
        (await File.ReadAllLinesAsync($"/proc/{worker.Id}/status")).ShouldContain("Uid:\t65534\t65534\t65534\t65534");

        (await worker.TerminateAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, worker.Said);
        (await simulator.TerminateAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, simulator.Said);
    }

    [JailFact]
    public async Task A_worker_without_configuration_says_what_is_missing_and_ends_with_2()
    {
        using var jail = new Jail();
        var worker = jail.Start(Image, Compose.Environment("worker"), [.. Image.Entrypoint, .. Image.Command]);
        (await worker.ExitAsync(Patience)).ShouldBe(2, worker.Said);
        worker.Said.ShouldContain("Orgs:acme:LoginUrl");
        worker.Said.ShouldContain("Orgs:acme:Auth:ClientSecret");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, params JailedProcess[] running)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            var said = string.Join("\n----\n", running.Select(process => process.Said));
            running.ShouldAllBe(process => !process.HasExited, said);
            deadline.IsCancellationRequested.ShouldBeFalse($"after {Patience}:\n{said}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        }
    }

    private static async Task<bool> IsReadyAsync(string port)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> HasRowsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var exists = new NpgsqlCommand("select to_regclass('demo.account') is not null", connection);
        if (await exists.ExecuteScalarAsync() is not true) return false;
        await using var rows = new NpgsqlCommand("select exists (select from demo.account)", connection);
        return await rows.ExecuteScalarAsync() is true;
    }

    /// <summary>Free, and below those that the system gives to connections of other tests until it is bound.</summary>
    private static string FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 30_000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return $"{port}";
            }
            catch (SocketException)
            {
                // Somebody has it: another one.
            }
        }
    }
}
