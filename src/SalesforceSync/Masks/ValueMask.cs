using System.Text;
using SalesforceSync.Configuration;
using SalesforceSync.Decode;

namespace SalesforceSync.Masks;

/// <summary>Makes the values of one field into what stands in their place. Immutable.</summary>
/// <param name="Type">What the values mean.</param>
/// <param name="Key">Not null where values are hashed.</param>
internal sealed record ValueMask(FieldMask Mask, FieldType Type, MaskKey? Key)
{
    /// <summary>What stands in the place of a value that is redacted.</summary>
    public const string Redacted = "REDACTED";

    private static readonly byte[] RedactedBytes = Encoding.UTF8.GetBytes(Redacted);

    /// <summary>A text, or null: where there is no value, and for a field that is dropped.</summary>
    public FieldValue Of(in FieldValue value)
    {
        if (Mask == FieldMask.Drop || CanonicalText.Of(Type, value) is not { } text)
            return FieldValue.Null;
        return FieldValue.Of(Mask == FieldMask.Redact ? RedactedBytes : Encoding.ASCII.GetBytes(Key!.Hash(text)));
    }
}
