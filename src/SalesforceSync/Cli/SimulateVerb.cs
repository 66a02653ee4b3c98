using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using SalesforceSync.Simulator;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Cli;

/// <summary><c>simulate</c>: a Salesforce org without Salesforce, until told to stop. Prints one line of JSON that says where it is and how to sign in.</summary>
internal static class SimulateVerb
{
    private static readonly Option<IPAddress> Address = new("--address")
    {
        Description = "where to listen; clear text is accepted by clients on loopback only", HelpName = "ip", DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address) ? address : Refuse<IPAddress>(result, "give an IP address"),
    };

    private static readonly Option<int> HttpPort = Port("--http-port", "port of sign-in, REST and control; 0 takes any free one");

    private static readonly Option<int> GrpcPort = Port("--grpc-port", "port of Pub/Sub; 0 takes any free one");

    private static readonly Option<string?> Certificate = new("--certificate") { Description = "PEM file of a certificate for TLS on both ports", HelpName = "file" };

    private static readonly Option<string?> CertificateKey = new("--certificate-key") { Description = "PEM file of the certificate's key", HelpName = "file" };

    private static readonly Option<string?> InstanceUrl = new("--instance-url") { Description = "what sign-in answers call the org's address", HelpName = "url" };

    private static readonly Option<string?> OrgId = new("--org-id")
    {
        Description = "15 or 18 characters; made up where none is given", HelpName = "id",
        CustomParser = result => Salesforce.OrgId.TryParse(result.Tokens[0].Value)?.ToString() ?? Refuse<string>(result, "give 15 or 18 letters and digits"),
    };

    private static readonly Option<string?> ClientId = new("--client-id") { Description = "accepted at sign-in", HelpName = "text" };

    private static readonly Option<string?> ClientSecret = new("--client-secret") { Description = "accepted at sign-in", HelpName = "text" };

    private static readonly Option<string?> JwtPublicKey = new("--jwt-public-key") { Description = "PEM file of the public key for the JWT bearer flow", HelpName = "file" };

    private static readonly Option<int> Seed = new("--seed") { Description = "decides everything left to chance", HelpName = "number", DefaultValueFactory = _ => 1 };

    private static readonly Option<TimeSpan> Keepalive = Span("--keepalive", "a sign of life after so long without one", TimeSpan.FromSeconds(60));

    private static readonly Option<double> Rate = new("--rate")
    {
        Description = "commit so many transactions per second from the start", HelpName = "number",
        CustomParser = result => double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= 1_000_000
            ? rate : Refuse<double>(result, "give a number above 0"),
    };

    private static readonly Option<long> Transactions = new("--transactions")
    {
        Description = "end the workload after so many; without --rate as fast as possible", HelpName = "number",
    };

    private static readonly Option<TimeSpan> Duration = Span("--duration", "end the workload after so long; needs --rate", TimeSpan.Zero);

    public static Command Command(Surroundings surroundings)
    {
        var verb = new Command("simulate", "serves a simulated org: sign-in, REST and Pub/Sub, with a workload if asked for")
        {
            Address, HttpPort, GrpcPort, Certificate, CertificateKey, InstanceUrl, OrgId, ClientId, ClientSecret, JwtPublicKey, Seed, Keepalive, Rate, Transactions, Duration,
        };
        verb.Validators.Add(result =>
        {
            if (result.GetResult(Certificate) is null != result.GetResult(CertificateKey) is null)
                result.AddError("--certificate and --certificate-key go together");
            if (result.GetResult(Duration) is not null && result.GetResult(Rate) is null)
                result.AddError("--duration needs --rate");
        });
        verb.SetAction((parsed, stop) => RunAsync(Options(parsed), surroundings, stop));
        return verb;
    }

    private static async Task<int> RunAsync(SimulatorOptions options, Surroundings surroundings, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        try
        {
            await SimulatorHost.RunAsync(options, surroundings.Out, either.Token);
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException or CryptographicException)
        {
            await surroundings.Error.WriteLineAsync($"simulate: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static SimulatorOptions Options(ParseResult parsed) => new()
    {
        Address = parsed.GetValue(Address)!,
        Port = parsed.GetValue(HttpPort),
        GrpcPort = parsed.GetValue(GrpcPort),
        CertificateFile = parsed.GetValue(Certificate),
        CertificateKeyFile = parsed.GetValue(CertificateKey),
        InstanceUrl = parsed.GetValue(InstanceUrl),
        OrgId = parsed.GetValue(OrgId),
        ClientId = parsed.GetValue(ClientId),
        ClientSecret = parsed.GetValue(ClientSecret),
        JwtPublicKeyFile = parsed.GetValue(JwtPublicKey),
        Seed = parsed.GetValue(Seed),
        Keepalive = parsed.GetValue(Keepalive),
        Workload = Workload(parsed),
    };

    private static WorkloadOrder? Workload(ParseResult parsed)
    {
        var (rate, transactions, duration) = (parsed.GetValue(Rate), parsed.GetValue(Transactions), parsed.GetValue(Duration));
        return rate == 0 && transactions == 0 ? null
            : new WorkloadOrder { Rate = rate, Transactions = transactions, Duration = duration == TimeSpan.Zero ? null : duration };
    }

    private static Option<int> Port(string name, string description) => new(name)
    {
        Description = description, HelpName = "port",
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port : Refuse<int>(result, "give a port from 0 to 65535"),
    };

    private static Option<TimeSpan> Span(string name, string description, TimeSpan usual) => new(name)
    {
        Description = description, HelpName = "hh:mm:ss", DefaultValueFactory = _ => usual,
        CustomParser = result => result.Tokens[0].Value is var text && text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero
            ? span : Refuse<TimeSpan>(result, "give hh:mm:ss[.fraction]"),
    };

    private static T? Refuse<T>(System.CommandLine.Parsing.ArgumentResult result, string remedy)
    {
        result.AddError($"{result.Tokens[0].Value}: {remedy}");
        return default;
    }
}
