using SalesforceSync.Simulator.Org;
using SalesforceSync.Simulator.Schemas;
using SalesforceSync.Simulator.Soql;

namespace SalesforceSync.Simulator.Server;

/// <summary>The org as the integration user sees it: what is hidden from him looks as if it were not there.</summary>
internal sealed class UserView(SimulatedOrg org)
{
    public IEnumerable<SimulatedObject> Objects => org.Objects.Where(org.Access.MayRead);

    /// <param name="name">Without regard to case.</param>
    public SimulatedObject? Find(string name) => Objects.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    // Fields may be added meanwhile; the org's lock guards them too.
    public ObjectColumns Columns(SimulatedObject target) => org.Read(_ => new ObjectColumns(target, org.Access));

    /// <exception cref="SoqlError">The query cannot be read, or names what is not there.</exception>
    public RecordSearch Search(string query, bool all)
    {
        var parsed = SoqlParser.Parse(query);
        var target = Find(parsed.From) ?? throw SoqlError.NoType(parsed.From);
        return new RecordSearch(parsed, Columns(target), all);
    }
}
