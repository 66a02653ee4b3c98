namespace SalesforceSync.Simulator.Soql;

/// <summary>A query the org refuses: Salesforce's error code and a message like Salesforce's.</summary>
internal sealed class SoqlError(string code, string message) : Exception(message)
{
    /// <summary><c>MALFORMED_QUERY</c>, <c>INVALID_FIELD</c>, <c>INVALID_TYPE</c> ...</summary>
    public string Code => code;

    /// <summary>HTTP's status for it.</summary>
    public int Status { get; init; } = 400;

    public static SoqlError NoResource() => new("NOT_FOUND", "The requested resource does not exist") { Status = 404 };

    public static SoqlError Malformed(string message) => new("MALFORMED_QUERY", message);

    public static SoqlError NoColumn(string name, string entity) => new(
        "INVALID_FIELD",
        $"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
        + "Please reference your WSDL or the describe call for the appropriate names.");

    public static SoqlError NoType(string name) => new(
        "INVALID_TYPE",
        $"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        + "Please reference your WSDL or the describe call for the appropriate names.");
}
