namespace SalesforceSync.Simulator.Schemas;

/// <summary>What a field holds, named as the second segment of the <c>doc</c> attribute in Salesforce's event schemas names it.</summary>
internal enum FieldKind
{
    Text,
    Email,
    Phone,
    Url,
    StringPlusClob,
    HtmlStringPlusClob,
    EncryptedText,
    DynamicEnum,
    StaticEnum,
    MultiEnum,
    EntityId,
    ExternalId,
    Boolean,
    Integer,
    Double,
    Currency,
    Percent,
    DateTime,
    DateOnly,
    TimeOnly,
    Address,
    Location,
    PersonName,
    SwitchablePersonName
}
