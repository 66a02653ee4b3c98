using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Proof;

/// <summary>Writes docs/proof.md of what all parts have recorded.</summary>
public sealed class ReportPart
{
    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Report)]
    public void What_was_counted_is_written_down()
    {
        var order = ProofOrder.Given!;
        var file = Path.Combine(Repository.Root, "docs", "proof.md");
        var records = ProofParts.All.Select(part => PartRecord.Find(order.Folder, part)).OfType<PartRecord>().Where(record => record.Commit == order.Commit).ToList();
        File.WriteAllText(file, ProofReport.Of(order.Commit, records, File.Exists(file) ? File.ReadAllText(file) : null));
    }
}
