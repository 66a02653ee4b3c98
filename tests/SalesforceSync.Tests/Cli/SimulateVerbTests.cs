using System.Net.Sockets;
using System.Text.Json;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Tests.Configuration;

namespace SalesforceSync.Tests.Cli;

public class SimulateVerbTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task The_simulated_org_says_where_it_is_keeps_busy_and_ends_when_told(string signal)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var program = ProgramProcess.Start("simulate", "--http-port", "0", "--grpc-port", "0", "--client-id", "mine", "--rate", "50", "--transactions", "20");
        var ready = JsonSerializer.Deserialize<JsonElement>(await program.FirstLine.WaitAsync(deadline.Token));
        ready.GetProperty("clientId").GetString().ShouldBe("mine");
        ready.GetProperty("clientSecret").GetString().ShouldBe("demo");
        using (var control = new SimulatorControl(new Uri(ready.GetProperty("loginUrl").GetString()!)))
        {
            while ((await control.WorkloadAsync(deadline.Token)).Running)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
            // The last step may commit two that interleave.
            (await control.StateAsync(deadline.Token)).Transactions.ShouldBeInRange(20, 22);
        }
        program.Signal(signal);
        (await program.ExitAsync(Patience)).ShouldBe(0);
        program.Out.ShouldBe(await program.FirstLine);
        program.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--grpc-port 70000", "--grpc-port: 70000: give 0 to 65535")]
    [InlineData("--rate fast", "--rate: fast: give 0 to 10000")]
    [InlineData("--rate NaN", "--rate: NaN: give 0 to 10000")]
    [InlineData("--keepalive 0", "--keepalive: 0: give 0.05 to 270")]
    [InlineData("--address here", "--address: here: give an IP address")]
    [InlineData("--seconds 5 --transactions 5", "--seconds and --transactions both say when to end")]
    [InlineData("--rate 0 --seconds 5", "--rate: 0: commits nothing")]
    [InlineData("--org-id 00D", "--org-id: 00D: give 15 or 18 letters and digits")]
    [InlineData("--certificate nowhere.pem", "--certificate and --certificate-key belong together")]
    [InlineData("--jwt-public-key nowhere.pem", "--jwt-public-key: nowhere.pem: there is no such file")]
    [InlineData("--instance-url here", "--instance-url: here: give an absolute URL")]
    public async Task Nonsense_is_refused_with_what_to_give(string line, string fault)
    {
        using var scratch = new ScratchConfiguration();
        var run = await CommandRun.OfAsync(scratch, ["simulate", .. line.Split(' ')]);
        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain(fault);
    }

    [Fact]
    public async Task A_taken_port_is_a_failure_and_not_a_stack_trace()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        using var scratch = new ScratchConfiguration();
        var run = await CommandRun.OfAsync(scratch, "simulate", "--grpc-port", $"{((System.Net.IPEndPoint)taken.LocalEndpoint).Port}");
        run.ExitCode.ShouldBe(1);
        run.Out.ShouldBeEmpty();
        run.ErrorLines.ShouldHaveSingleItem().ShouldStartWith("the simulated org cannot serve: ");
    }
}
