namespace SalesforceSync.Decode;

/// <summary>Walks the body of a payload step by step and hands each value that is wanted to the collector, in ascending order of leaves.</summary>
internal sealed class BodyPlan(BodyStep[] steps, string[] paths)
{
    public void Read(ref AvroReader reader, ReadOnlyMemory<byte> payload, ref WriteCollector writes)
    {
        reader.Follow(paths);
        for (var at = 0; at < steps.Length;)
        {
            ref readonly var step = ref steps[at];
            reader.Place = at;
            if (step.NullBranch >= 0 && reader.ReadIsNull(step.NullBranch))
            {
                at = step.Next;
                continue;
            }

            switch (step.Kind)
            {
                case StepKind.Enter or StepKind.Nothing:
                    at++;
                    break;
                case StepKind.Choose:
                    at = step.Targets[reader.ReadIndex(step.Targets.Length, "branch")];
                    break;
                case StepKind.Jump:
                    at = step.Next;
                    break;
                default:
                    LeafReader.Read(ref reader, step, payload, ref writes);
                    at++;
                    break;
            }
        }
    }
}
