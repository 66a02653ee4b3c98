using BenchmarkDotNet.Attributes;
using SalesforceSync.Decode;

namespace SalesforceSync.Benchmarks.Micro;

/// <summary>One event from its bytes to a change, with the plan of its schema already made.</summary>
[InProcess, MemoryDiagnoser]
public class DecodeBenchmarks
{
    private EventSchema _schema = null!;
    private byte[] _create = [];
    private byte[] _update = [];

    [GlobalSetup]
    public void Setup()
    {
        var events = AccountEvents.Make(1);
        (_schema, _create, _update) = (EventSchema.Compile(events.SchemaId, events.SchemaJson), events.Create, events.Updates[0]);
    }

    [Benchmark]
    public object Update() => _schema.Decode(_update);

    [Benchmark]
    public object Create() => _schema.Decode(_create);

    /// <summary>What receiving reads of an event: when it was committed.</summary>
    [Benchmark]
    public object? HeaderOnly() => EventSchema.TryReadUsualHeader(_update);
}
