using System.Globalization;
using System.Text;
using SalesforceSync.Apply;
using SalesforceSync.Decode;
using SalesforceSync.Tests.Database;

namespace SalesforceSync.Tests.Apply;

public class ColumnValueTests
{
    private static readonly TestChanges Things = new("Thing__c");

    private static readonly EventSchema Schema = new TestSchema("Thing__c")
        .Text("Text__c")
        .Field("List__c", """{"type":"array","items":"string"}""", "Data:MultiEnum")
        .Field("Flag__c", "\"boolean\"", "Data:Boolean")
        .Field("Int__c", "\"int\"", "Data:Integer")
        .Field("Long__c", "\"long\"", "Data:Long")
        .Field("At__c", "\"long\"", "Data:DateTime")
        .Field("Day__c", "\"long\"", "Data:DateOnly")
        .Field("Time__c", "\"long\"", "Data:TimeOnly")
        .Field("Number__c", "\"double\"", "Data:Double")
        .Field("Bytes__c", "\"bytes\"", "Data:Base64")
        .Field("Json__c", """{"type":"map","values":"string"}""", "Data:Json")
        .Compound("Place__c", "Location", "Data:Location", ("Latitude", "\"double\""), ("Longitude", "\"double\""))
        .Build("types");

    private static readonly string LongText = string.Concat(Enumerable.Repeat("0123456789abcdé\n", 2048));

    private static readonly (string Field, FieldValue Value, string Printed)[] Edges =
    [
        ("Text__c", Value.Of(""), ""),
        ("Text__c", Value.Of("O'Neil \"q\" \\ ; drop table x; --\r\n\t $1 {0}"), "O'Neil \"q\" \\ ; drop table x; --\r\n\t $1 {0}"),
        ("Text__c", Value.Of("😀 e\u0301 \u202e \ufeff"), "😀 e\u0301 \u202e \ufeff"),
        ("Text__c", Value.Of(LongText), LongText),
        ("List__c", Value.Of("a;b;ç"), "a;b;ç"),
        ("Flag__c", FieldValue.Of(true), "true"),
        ("Flag__c", FieldValue.Of(false), "false"),
        ("Int__c", Value.Of(int.MinValue), "-2147483648"),
        ("Int__c", Value.Of(int.MaxValue), "2147483647"),
        ("Long__c", Value.Of(long.MinValue), "-9223372036854775808"),
        ("Long__c", Value.Of(long.MaxValue), "9223372036854775807"),
        ("At__c", Value.Of(0), "1970-01-01 00:00:00+00"),
        ("At__c", Value.Of(-1), "1969-12-31 23:59:59.999+00"),
        ("At__c", Value.Of(946_684_800_001), "2000-01-01 00:00:00.001+00"),
        ("At__c", Value.Of(-2_440_588 * 86_400_000L), "4714-11-24 00:00:00+00 BC"),
        ("At__c", Value.Of(-62_135_596_800_001), "0001-12-31 23:59:59.999+00 BC"),
        ("At__c", Value.Of(253_402_300_799_999), "9999-12-31 23:59:59.999+00"),
        ("At__c", Value.Of(9_224_318_015_999_999), "294276-12-31 23:59:59.999+00"),
        ("Day__c", Value.Of(0), "1970-01-01"),
        ("Day__c", Value.Of(-86_400_000), "1969-12-31"),
        ("Day__c", Value.Of(-1), "1969-12-31"),
        ("Day__c", Value.Of(-2_440_588 * 86_400_000L), "4714-11-24 BC"),
        ("Day__c", Value.Of(253_402_214_400_000), "9999-12-31"),
        ("Time__c", Value.Of(0), "00:00:00"),
        ("Time__c", Value.Of(86_399_999), "23:59:59.999"),
        ("Number__c", Value.Of(0d), "0"),
        ("Number__c", Value.Of(-0d), "0"),
        ("Number__c", Value.Of(1234567890123456.78), "1234567890123456.8"),
        ("Number__c", Value.Of(0.1), "0.1"),
        ("Number__c", Value.Of(-10000d), "-10000"),
        ("Number__c", Value.Of(1e300), "1" + new string('0', 300)),
        ("Number__c", Value.Of(5e-324), "0." + new string('0', 323) + "5"),
        ("Number__c", Value.Of(double.MinValue), "-17976931348623157" + new string('0', 292)),
        ("Number__c", Value.Of(double.NaN), "NaN"),
        ("Number__c", Value.Of(double.PositiveInfinity), "Infinity"),
        ("Number__c", Value.Of(double.NegativeInfinity), "-Infinity"),
        ("Number__c", Value.Of("-12345678901234567890.12300"), "-12345678901234567890.12300"),
        ("Bytes__c", FieldValue.Of(new byte[] { 0, 255, 92 }), "\\x00ff5c"),
        ("Json__c", Value.Of("""{"a": "😀\n", "b": null}"""), """{"a": "😀\n", "b": null}"""),
        ("Place__Latitude__s", Value.Of(-0d), "-0"),
        ("Place__Longitude__s", Value.Of(5e-324), "5e-324"),
    ];

    [PostgresTheory]
    [InlineData(RowsDatabase.Single)]
    [InlineData(RowsDatabase.Staged)]
    public async Task Every_type_keeps_its_edge_values(int stagedFrom)
    {
        await using var database = await RowsDatabase.OpenAsync();
        var creates = Edges.Select((e, i) => Things.Create(Schema, $"a00{i:d3}", (e.Field, e.Value))).ToList();

        await database.WriteAsync(RowsDatabase.Writer(stagedFrom), creates);

        var rows = await database.RowsAsync("thing__c");
        for (var i = 0; i < Edges.Length; i++)
            rows[$"a00{i:d3}"][Edges[i].Field.ToLowerInvariant()].ShouldBe(Edges[i].Printed, $"{Edges[i].Field} {i}");
    }

    [PostgresFact]
    public async Task Columns_have_the_types_of_the_contract()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.WriteAsync(RowsDatabase.Writer(), Things.Create(Schema, "a00"));

        var types = await database.ListAsync("""
            select attname || ' ' || format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'acme.thing__c'::regclass and attnum > 0 order by attnum
            """);

        types.ShouldBe([
            "id text", "_sync_event bigint", "_sync_source text", "_sync_deleted boolean", "_sync_incomplete boolean", "_sync_commit_at timestamp with time zone",
            "_sync_commit_number bigint", "_sync_transaction_key text", "_sync_sequence integer", "_sync_applied_at timestamp with time zone",
            "text__c text", "list__c text", "flag__c boolean", "int__c integer", "long__c bigint", "at__c timestamp with time zone", "day__c date",
            "time__c time without time zone", "number__c numeric", "bytes__c bytea", "json__c jsonb", "place__latitude__s double precision",
            "place__longitude__s double precision",
        ]);
        (await database.ScalarAsync("select collname::text from pg_attribute a join pg_collation c on c.oid = attcollation where attrelid = 'acme.thing__c'::regclass and attname = 'id'"))
            .ShouldBe("C");
        (await database.ListAsync("select unnest(reloptions) from pg_class where oid = 'acme.thing__c'::regclass")).ShouldBe(["fillfactor=85"]);
    }

    [PostgresFact]
    public async Task Our_binary_numbers_are_what_the_server_reads_from_the_same_text()
    {
        await using var database = await RowsDatabase.OpenAsync();
        await database.RunAsync("create table public.numbers (written text, ours numeric)");
        var random = new Random(7);
        var texts = new List<string> { "0", "-0", "0.000", "00012.3400", "+5", "1e5", "1E-5", "12345E-7", "9999.9999", "10000", "0.0001", "0.00001", "-0.1e+3", new('9', 1000), "0." + new string('1', 1000) };
        for (var i = 0; i < 20_000; i++)
        {
            var number = i % 3 == 0 ? BitConverter.Int64BitsToDouble(random.NextInt64()) : i % 3 == 1 ? Math.Round(random.NextDouble() * 1e6, random.Next(0, 8)) : random.Next(-100_000, 100_000) * Math.Pow(10, random.Next(-12, 12));
            texts.Add(number.ToString(CultureInfo.InvariantCulture));
        }
        await using (var copy = await database.Connection.BeginRawBinaryCopyAsync("copy public.numbers from stdin (format binary)"))
        {
            var buffer = new CopyBuffer();
            buffer.Header();
            foreach (var text in texts)
            {
                buffer.StartRow(2);
                buffer.TextField(text);
                NumericBinary.Write(buffer, Encoding.ASCII.GetBytes(text));
            }
            buffer.Trailer();
            await copy.WriteAsync(buffer.Written);
        }

        (await database.ListAsync("select written || ' ' || ours from public.numbers where written::numeric::text is distinct from ours::text limit 5")).ShouldBeEmpty();
        // Equal text could hide a form the server itself would never make, which then compares or hashes differently.
        (await database.ListAsync("select written from public.numbers where numeric_send(written::numeric) is distinct from numeric_send(ours) limit 5")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("1e")]
    [InlineData("1ex")]
    [InlineData("0x10")]
    public void What_is_no_number_is_refused(string text) =>
        Should.Throw<FormatException>(() => NumericBinary.Write(new CopyBuffer(), Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(12345678901234d, false)]
    [InlineData(123456789012345d, true)]
    [InlineData(1234567890123456d, true)]
    [InlineData(8866012839088760d, true)]
    [InlineData(1e300, false)]
    [InlineData(0.000123, false)]
    [InlineData(100000000000000000000d, false)]
    [InlineData(0.30000000000000004, true)]
    [InlineData(double.NaN, false)]
    public void Only_what_a_double_need_not_carry_exactly_may_be_rounded(double number, bool rounded) =>
        NumericText.MayBeRounded(FieldValue.Of(number)).ShouldBe(rounded);

    [PostgresFact]
    public async Task A_row_that_cannot_be_encoded_writes_nothing_of_its_stage()
    {
        await using var database = await RowsDatabase.OpenAsync();
        var writer = RowsDatabase.Writer(RowsDatabase.Staged);
        await database.WriteAsync(writer, Things.Create(Schema, "a00"));

        await Should.ThrowAsync<UnwritableChangeException>(() => database.WriteAsync(writer,
            Things.Create(Schema, "a01"), Things.Create(Schema, "a02", ("Number__c", Value.Of("no number")))));
        writer.Forget();
        await database.WriteAsync(writer, Things.Create(Schema, "a03"));

        (await database.RowsAsync("thing__c")).Keys.ShouldBe(["a00", "a03"]);
    }
}
