using Xunit.Abstractions;
using Xunit.Sdk;

namespace SalesforceSync.Tests.Proof;

/// <summary>A part of the long proof: it runs when script/proof asks for it, and is no test of the suite, not even a skipped one.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("SalesforceSync.Tests.Proof.ProofDiscoverer", "SalesforceSync.Tests")]
internal sealed class ProofFactAttribute : FactAttribute;

/// <summary>Finds parts where they are asked for.</summary>
public sealed class ProofDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        ProofOrder.Given is null ? [] : base.Discover(discoveryOptions, testMethod, factAttribute);
}
