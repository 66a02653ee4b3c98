using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using SalesforceSync.Simulator.Bulk;
using SalesforceSync.Simulator.Control;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Soql;
using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Simulator.Server;

/// <summary>
/// A simulated org behind real sockets on the loopback address unless told otherwise: OAuth, REST and control over HTTP/1.1 on one port, Pub/Sub over HTTP/2 on another.
/// </summary>
internal sealed class SimulatedSalesforce : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Crowds _crowds;
    private readonly RecordSource _source;
    private readonly BulkJobs _jobs;

    private SimulatedSalesforce(SimulatorSettings settings, TimeProvider time)
    {
        Settings = settings;
        Org = new SimulatedOrg(settings.Org, time);
        Tokens = new AccessTokens(settings.Org.OrgId, settings.SignIn.SessionTimeout, time);
        Faults.OnArm(FaultKind.ExpireTokens, Tokens.ExpireAll);
        Faults.OnArm(FaultKind.ExpireReplayIds, Org.Bus.ExpireAll);
        Faults.OnArm(FaultKind.VoidReplayIds, Org.Bus.VoidPositions);
        Faults.OnArm(FaultKind.FallBackCommitNumbers, Org.FallBackCommitNumbers);
        Org.Mishap = () => new CommitMishap(Faults.Take(FaultKind.DelayEvents)?.Order.Delay ?? TimeSpan.Zero, Faults.Take(FaultKind.LoseEvents) is not null);
        Workload = new WorkloadRunner(Org, LoseReplayIds, _stopping.Token);
        _crowds = new Crowds(Org, settings.Crowd);
        _source = new RecordSource(_crowds);
        _jobs = new BulkJobs(Org, _source, _crowds, settings.Bulk, Faults);
        _app = Build(settings, time, Org.Time);
    }

    public SimulatorSettings Settings { get; }

    public SimulatedOrg Org { get; }

    public FaultScript Faults { get; } = new();

    public AccessTokens Tokens { get; }

    public CallCounts Counts { get; } = new();

    public WorkloadRunner Workload { get; }

    /// <summary>Where one signs in and where REST answers.</summary>
    public string LoginUrl { get; private set; } = "";

    /// <summary>Where Pub/Sub answers.</summary>
    public string PubSubEndpoint { get; private set; } = "";

    /// <summary>What answers call the org's instance; set while it runs, the org moves: tokens of before have to be given up with <see cref="FaultKind.ExpireTokens"/>.</summary>
    public string InstanceUrl
    {
        get => field ?? Settings.InstanceUrl ?? LoginUrl;
        set;
    }

    public static async Task<SimulatedSalesforce> StartAsync(SimulatorSettings settings, TimeProvider time, CancellationToken stop)
    {
        var simulated = new SimulatedSalesforce(settings, time);
        simulated.Map();
        await simulated._app.StartAsync(stop);
        var addresses = simulated._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToArray();
        simulated.LoginUrl = addresses[0];
        simulated.PubSubEndpoint = addresses[1];
        return simulated;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Workload.DisposeAsync();
        // Whoever still listens to a stream that was told nothing more is not waited for.
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
        _jobs.Dispose();
        _stopping.Dispose();
    }

    private void LoseReplayIds()
    {
        Faults.Arm(FaultKind.ExpireReplayIds);
        Faults.Arm(FaultKind.Drop);
    }

    private static WebApplication Build(SimulatorSettings settings, TimeProvider time, TimeProvider orgTime)
    {
        // Nothing of the surroundings may change the simulator: no environment variables, no appsettings.json.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = ["application/json", "text/csv"];
            compression.Providers.Add<GzipCompressionProvider>();
        });
        builder.Services.AddSingleton(time);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            // A client that pauses reading is none of Salesforce's business; Kestrel would cut it off after seconds.
            kestrel.Limits.MinResponseDataRate = null;
            // Longer addresses are answered with 414, as Salesforce does.
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;
            // As many streams on one connection as Salesforce allows.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(settings.Address, settings.Port, listener => Protocol(listener, HttpProtocols.Http1));
            kestrel.Listen(settings.Address, settings.GrpcPort, listener => Protocol(listener, HttpProtocols.Http2));
        });
        var app = builder.Build();
        // Its clock is the org's, which is not always ours.
        app.Use((context, next) =>
        {
            context.Response.Headers.Date = orgTime.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return next(context);
        });
        if (settings.Before is { } before)
            app.Use(next => context => before(context, next));
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/services/data"), rest => rest.UseResponseCompression());
        return app;

        void Protocol(ListenOptions listener, HttpProtocols protocol)
        {
            listener.Protocols = protocol;
            if (settings.Certificate is { } certificate) listener.UseHttps(certificate);
        }
    }

    private void Map()
    {
        new TokenEndpoint(Org, Tokens, Settings.SignIn, Faults, Counts, () => InstanceUrl).Map(_app);
        var door = new RestDoor(Tokens, Counts, Settings.Allowances, Faults, Org.Time);
        var user = new UserView(Org);
        new RestEndpoints(user, door, Counts, Settings.Allowances, Org.Time).Map(_app);
        new QueryEndpoints(door, user, Org, _source).Map(_app);
        new RetrieveEndpoints(door, user, Org, _source).Map(_app);
        new ReplicationEndpoints(door, user, Org).Map(_app);
        new ToolingEndpoints(door, new ToolingTables(Org, user), Faults).Map(_app);
        new BulkEndpoints(door, user, _jobs, Faults).Map(_app);
        new PubSubEndpoints(Org, Tokens, Faults, Counts, Settings, () => InstanceUrl, _stopping.Token).Map(_app);
        new ControlEndpoints(Org, Faults, Counts, Workload).Map(_app);
        new OrgEndpoints(Org, Workload).Map(_app);
    }
}
