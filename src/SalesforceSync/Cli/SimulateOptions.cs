using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Numerics;
using SalesforceSync.Simulator;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Cli;

/// <summary>What <c>simulate</c> takes.</summary>
internal static class SimulateOptions
{
    private static readonly Option<IPAddress> Address = new("--address")
    {
        Description = "where it listens; a worker speaks to loopback only unless there is a certificate",
        HelpName = "ip",
        CustomParser = Ip,
        DefaultValueFactory = _ => IPAddress.Loopback,
    };

    private static readonly Option<int> HttpPort =
        Number("--http-port", "OAuth, REST and control; 0 takes any free port", 0, 0, 65535, ["--port"]);

    private static readonly Option<int> GrpcPort = Number("--grpc-port", "Pub/Sub; 0 takes any free port", 0, 0, 65535);

    private static readonly Option<string> ClientId = Words("--client-id", "accepted at sign-in", "demo");

    private static readonly Option<string> ClientSecret = Words("--client-secret", "accepted at sign-in; the simulated org has nothing to protect", "demo");

    private static readonly Option<string?> OrgId = new("--org-id") { Description = "15 or 18 characters", HelpName = "id" };

    private static readonly Option<double> Rate =
        Number("--rate", "transactions per second; 0 commits nothing and leaves it to /sim/workload", 10d, 0, 10_000);

    private static readonly Option<double?> Seconds = Number<double>("--seconds", "how long transactions go on; without it as long as the simulator", 0.1, 1_000_000);

    private static readonly Option<long?> Transactions = Number<long>("--transactions", "how many transactions there are; without it no end", 1, 1_000_000_000);

    private static readonly Option<int> Seed = Number("--seed", "decides all that is left to chance", 1, int.MinValue, int.MaxValue);

    private static readonly Option<int> Prefill =
        Number("--prefill", "records that are there before the first transaction, their events long forgotten", 0, 0, 10_000_000);

    private static readonly Option<double> Keepalive = Number("--keepalive", "an empty response after so many seconds without one", 60d, 0.05, 270);

    private static readonly Option<string?> Certificate = new("--certificate") { Description = "PEM file; TLS on both ports", HelpName = "file" };

    private static readonly Option<string?> CertificateKey = new("--certificate-key") { Description = "PEM file of the certificate's key", HelpName = "file" };

    private static readonly Option<string?> InstanceUrl = new("--instance-url") { Description = "what token answers call the instance; the listening address by default", HelpName = "url" };

    private static readonly Option<string?> JwtKey = new("--jwt-public-key") { Description = "PEM file; without it the JWT bearer flow is refused", HelpName = "file" };

    private static readonly Option<string[]> Crowd = new("--crowd")
    {
        Description = "so many unchanging records more of an object, as Account=1000000; may be given for several objects",
        HelpName = "object=n",
        DefaultValueFactory = _ => [],
        Validators = { Crowds },
    };

    private static readonly Option<double> BulkSeconds = Number("--bulk-seconds", "how long a Bulk query job is worked on", 0d, 0, 86_400);

    public static Option[] All { get; } =
    [
        Address, HttpPort, GrpcPort, ClientId, ClientSecret, OrgId, Rate, Seconds, Transactions, Seed, Prefill, Keepalive, Certificate, CertificateKey, InstanceUrl, JwtKey, Crowd,
        BulkSeconds,
    ];

    /// <param name="faults">What is wrong although each option alone is right; the options are of no use then.</param>
    public static SimulatorOptions Read(ParseResult parsed, out IReadOnlyList<string> faults)
    {
        faults = [.. Contradictions(parsed)];
        return new SimulatorOptions
        {
            Address = parsed.GetRequiredValue(Address),
            Port = parsed.GetValue(HttpPort),
            GrpcPort = parsed.GetValue(GrpcPort),
            ClientId = parsed.GetValue(ClientId),
            ClientSecret = parsed.GetValue(ClientSecret),
            OrgId = parsed.GetValue(OrgId),
            Seed = parsed.GetValue(Seed),
            Prefill = parsed.GetValue(Prefill),
            Keepalive = TimeSpan.FromSeconds(parsed.GetValue(Keepalive)),
            CertificateFile = parsed.GetValue(Certificate),
            CertificateKeyFile = parsed.GetValue(CertificateKey),
            InstanceUrl = parsed.GetValue(InstanceUrl),
            JwtPublicKeyFile = parsed.GetValue(JwtKey),
            Crowd = parsed.GetValue(Crowd)!.Select(text => text.Split('=')).GroupBy(pair => pair[0]).ToDictionary(g => g.Key, g => Count(g.Last())),
            BulkDuration = TimeSpan.FromSeconds(parsed.GetValue(BulkSeconds)),
            Workload = Order(parsed),
        };
    }

    /// <summary>A number as <c>simulate</c> and <c>demo</c> take it; anything else, or one out of range, is refused with a message.</summary>
    internal static Option<T> Number<T>(string name, string description, T standard, T least, T most, params string[] aliases) where T : struct, INumber<T> =>
        new(name, aliases) { Description = description, HelpName = "n", DefaultValueFactory = _ => standard, CustomParser = result => Parse(result, name, least, most) };

    private static Option<T?> Number<T>(string name, string description, T least, T most) where T : struct, INumber<T> =>
        new(name) { Description = description, HelpName = "n", CustomParser = result => Parse(result, name, least, most) };

    private static T Parse<T>(ArgumentResult result, string name, T least, T most) where T : struct, INumber<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name}: {text}: give {least} to {most}"));
        return least;
    }

    private static Option<string> Words(string name, string description, string standard) =>
        new(name) { Description = description, HelpName = "text", DefaultValueFactory = _ => standard };

    private static void Crowds(OptionResult result)
    {
        foreach (var token in result.Tokens)
        {
            if (token.Value.Split('=') is not [var name, _] pair || Count(pair) == 0 || SimulatorHost.Objects.Contains(name) is false)
                result.AddError($"--crowd: {token.Value}: give object=n with n up to 100000000 and one of {string.Join(", ", SimulatorHost.Objects)}");
        }
    }

    private static int Count(string[] pair) =>
        int.TryParse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 100_000_000 ? count : 0;

    private static IPAddress Ip(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
            return address;
        result.AddError($"--address: {result.Tokens[0].Value}: give an IP address");
        return IPAddress.Loopback;
    }

    private static IEnumerable<string> Contradictions(ParseResult parsed)
    {
        var rate = parsed.GetValue(Rate);
        if (parsed.GetValue(Seconds) is not null && parsed.GetValue(Transactions) is not null)
            yield return "--seconds and --transactions both say when to end: give one of them";
        if (rate == 0 && (parsed.GetValue(Seconds) ?? parsed.GetValue(Transactions)) is not null)
            yield return "--rate: 0: commits nothing, so that --seconds and --transactions have no meaning";
        if (parsed.GetValue(Certificate) is null != parsed.GetValue(CertificateKey) is null)
            yield return "--certificate and --certificate-key belong together: give both";
        if (parsed.GetValue(OrgId) is { } id && !(id.Length is 15 or 18 && id.All(char.IsAsciiLetterOrDigit)))
            yield return $"--org-id: {id}: give 15 or 18 letters and digits";
        if (parsed.GetValue(InstanceUrl) is { } url && !Uri.IsWellFormedUriString(url, UriKind.Absolute))
            yield return $"--instance-url: {url}: give an absolute URL";
        foreach (var (name, file) in new[] { (Certificate.Name, parsed.GetValue(Certificate)), (CertificateKey.Name, parsed.GetValue(CertificateKey)), (JwtKey.Name, parsed.GetValue(JwtKey)) })
        {
            if (file is not null && !File.Exists(file))
                yield return $"{name}: {file}: there is no such file";
        }
    }

    private static WorkloadOrder? Order(ParseResult parsed) => parsed.GetValue(Rate) is > 0 and var rate
        ? new WorkloadOrder
        {
            Rate = rate,
            Transactions = parsed.GetValue(Transactions) ?? 0,
            Duration = parsed.GetValue(Seconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Options = new WorkloadOptions { Seed = parsed.GetValue(Seed) },
        }
        : null;
}
