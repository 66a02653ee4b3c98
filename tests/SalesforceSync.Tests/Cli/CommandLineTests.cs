using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SalesforceSync.Diagnostics;
using SalesforceSync.Status;
using SalesforceSync.Tests.Configuration;
using SalesforceSync.Tests.Status;

namespace SalesforceSync.Tests.Cli;

public class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("nope")]
    [InlineData("run --odd")]
    [InlineData("status --json --org")]
    [InlineData("health 8080")]
    [InlineData("simulate --config more.json")]
    [InlineData("demo --config more.json")]
    [InlineData("--config more.json demo")]
    public async Task A_wrong_command_line_ends_with_2(string line)
    {
        using var scratch = ScratchConfiguration.Valid();
        var run = await CommandRun.OfAsync(scratch, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.ErrorLines.Last().ShouldBe("salesforce-sync --help shows what there is");
    }

    [Fact]
    public async Task Help_and_version_are_no_errors()
    {
        using var scratch = new ScratchConfiguration();
        (await CommandRun.OfAsync(scratch, "--help")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0), r => r.Out.ShouldContain("check"));
        (await CommandRun.OfAsync(scratch, "--version")).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(0), r => r.Out.ShouldNotBeNullOrWhiteSpace());
    }

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public async Task Every_fault_of_the_configuration_is_a_line_and_the_end_is_2(string verb)
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Orgs__acme__ApiVersion", "x").Variable("Orgs__acme__Auth__ClientSecert", "CANARY-s").Variable("Http__Port", "x");
        var run = await CommandRun.OfAsync(scratch, verb);
        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.ErrorLines.Length.ShouldBe(3);
        run.Error.ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task The_file_of_config_is_read()
    {
        using var scratch = ScratchConfiguration.Valid().Json("more.json", """{ "Orgs": { "acme": { "StartFrom": "Middle" } } }""");
        var run = await CommandRun.OfAsync(scratch, "run", "--config", "more.json");
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("Orgs:acme:StartFrom: Middle: give one of");
        (await CommandRun.OfAsync(scratch, "--config", "more.json", "run")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task A_wrong_Serilog_section_is_a_fault_of_the_configuration()
    {
        using var scratch = ScratchConfiguration.Valid().Variable("Serilog__MinimumLevel", "Loud");
        var run = await CommandRun.OfAsync(scratch, "run");
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("Serilog: ***: ");
    }

    [Fact]
    public async Task An_org_that_is_not_configured_is_a_wrong_command_line()
    {
        using var scratch = ScratchConfiguration.Valid();
        var run = await CommandRun.OfAsync(scratch, "check", "--org", "beta");
        run.ExitCode.ShouldBe(2);
        run.ErrorLines.ShouldBe(["--org: beta: there is no such org; known: acme"]);
    }

    [Fact]
    public async Task Health_asks_the_worker_on_this_machine()
    {
        var health = new WorkerHealth(TimeProvider.System);
        var server = ServedWorker.Server(health);
        using var scratch = new ScratchConfiguration();
        await using (var running = new TaskGroup(CancellationToken.None))
        {
            running.Start("http", stop => server.RunAsync(0, stop));
            scratch.Variable("Http__Port", $"{await server.Listening}");
            var early = await CommandRun.OfAsync(scratch, "health");
            early.ExitCode.ShouldBe(1);
            early.Out.ShouldBe("failing\nstarting\nPostgres has not been reached yet\n");
            health.DatabaseReached();
            health.StartupDone();
            var ready = await CommandRun.OfAsync(scratch, "health", "--json");
            ready.ExitCode.ShouldBe(0);
            ready.Json.GetProperty("status").GetString().ShouldBe("ok");
        }
        var gone = await CommandRun.OfAsync(scratch, "health", "--json");
        gone.ExitCode.ShouldBe(1);
        gone.Json.GetProperty("reasons")[0].GetString().ShouldStartWith("no worker answers on port");
    }

    [Fact]
    public async Task Health_of_something_else_on_the_port_is_no_health()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var other = builder.Build();
        other.Run(context => context.Response.WriteAsync("<html>welcome</html>"));
        await other.StartAsync();
        using var scratch = new ScratchConfiguration().Variable("Http__Port", $"{new Uri(other.Urls.Single()).Port}");
        (await CommandRun.OfAsync(scratch, "health")).ExitCode.ShouldBe(1);
    }
}
