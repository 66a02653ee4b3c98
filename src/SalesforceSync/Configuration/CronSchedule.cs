using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace SalesforceSync.Configuration;

/// <summary>
/// Times given by five fields: minute, hour, day of the month, month, day of the week, in UTC. A field is <c>*</c>, a number, a range (<c>1-5</c>), a list
/// of these, each with a step (<c>*/6</c>, <c>8-18/2</c>); months and days have their three-letter names too, Sunday is 0 or 7. When both days are
/// restricted either is enough, as cron has it.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    // The 29th of February is on a given day of the week once in 28 years, or 40 around a century without a leap year.
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(366 * 41);

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _monthDays;
    private readonly ulong _months;
    private readonly ulong _weekDays;
    private readonly bool _eitherDay;
    private readonly string _text;

    private CronSchedule(string text, ulong[] fields, bool eitherDay) =>
        (_text, _minutes, _hours, _monthDays, _months, _weekDays, _eitherDay) = (text, fields[0], fields[1], fields[2], fields[3], fields[4], eitherDay);

    /// <summary>Once a day, in a minute of the night hours that depends on the name alone, so that many orgs do not begin at once.</summary>
    public static CronSchedule Daily(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return TryParse($"{hash[0] % 60} {hash[1] % 6} * * *", out _)!;
    }

    /// <summary>The schedule, or null and what to do about the text.</summary>
    public static CronSchedule? TryParse(string text, out string remedy)
    {
        remedy = "give five fields, minute hour day month weekday, such as 30 2 * * *, or off";
        var parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
            return null;
        ulong[]? fields =
        [
            Field(parts[0], 0, 59, []), Field(parts[1], 0, 23, []), Field(parts[2], 1, 31, []), Field(parts[3], 1, 12, Months), Field(parts[4], 0, 7, Days),
        ];
        string[] names = ["minute", "hour", "day of the month", "month", "day of the week"];
        if (Array.IndexOf(fields, 0UL) is var wrong and >= 0)
        {
            remedy = $"{parts[wrong]} is no {names[wrong]}: {remedy}";
            return null;
        }
        if ((fields[4] & (1UL << 7)) != 0)
            fields[4] = (fields[4] | 1) & ~(1UL << 7);
        var schedule = new CronSchedule(string.Join(' ', parts), fields, !parts[2].StartsWith('*') && !parts[4].StartsWith('*'));
        if (schedule.Next(DateTimeOffset.UnixEpoch) is not null)
            return schedule;
        remedy = $"there is no such day: {remedy}";
        return null;
    }

    /// <summary>The first time after this one; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => Find(Minute(after).AddMinutes(1), 1);

    /// <summary>The last time that is not after this one; null when there is none.</summary>
    public DateTimeOffset? Last(DateTimeOffset at) => Find(Minute(at), -1);

    public override string ToString() => _text;

    /// <summary>Whole days and hours that do not match are passed over at once.</summary>
    private DateTimeOffset? Find(DateTimeOffset at, int direction)
    {
        for (var end = at + (direction * Horizon); direction > 0 ? at < end : at > end && at > DateTimeOffset.UnixEpoch;)
        {
            if (!IsDay(at))
                at = direction > 0 ? at.Date(1) : at.Date(0).AddMinutes(-1);
            else if (!Has(_hours, at.Hour))
                at = direction > 0 ? at.AddMinutes(60 - at.Minute) : at.AddMinutes(-at.Minute - 1);
            else if (!Has(_minutes, at.Minute))
                at = at.AddMinutes(direction);
            else
                return at;
        }
        return null;
    }

    private bool IsDay(DateTimeOffset at)
    {
        var (month, week) = (Has(_monthDays, at.Day), Has(_weekDays, (int)at.DayOfWeek));
        return Has(_months, at.Month) && (_eitherDay ? month || week : month && week);
    }

    private static bool Has(ulong set, int value) => (set & (1UL << value)) != 0;

    private static DateTimeOffset Minute(DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMinute));
    }

    /// <summary>The values as bits; 0 when the text is none.</summary>
    private static ulong Field(string text, int least, int most, string[] names)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            if (Part(part, least, most, names) is not { } values)
                return 0;
            set |= values;
        }
        return set;
    }

    private static ulong? Part(string text, int least, int most, string[] names)
    {
        var slash = text.Split('/');
        var step = 1;
        if (slash.Length > 2 || (slash.Length == 2 && (!Number(slash[1], out step) || step == 0)))
            return null;
        var dash = slash[0].Split('-');
        int from, to;
        if (slash[0] == "*")
            (from, to) = (least, most == 7 ? 6 : most);
        else if (dash.Length > 2 || !Value(dash[0], least, names, out from) || !Value(dash[^1], least, names, out to))
            return null;
        else if (dash.Length == 1 && slash.Length == 2)
            to = most;
        if (from < least || to > most || from > to)
            return null;
        var set = 0UL;
        for (var value = from; value <= to; value += step)
            set |= 1UL << value;
        return BitOperations.PopCount(set) > 0 ? set : null;
    }

    private static bool Value(string text, int least, string[] names, out int value)
    {
        var name = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (name < 0)
            return Number(text, out value);
        value = name + least;
        return true;
    }

    private static bool Number(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value < 1000;
}

file static class Dates
{
    public static DateTimeOffset Date(this DateTimeOffset at, int days) => new DateTimeOffset(at.Year, at.Month, at.Day, 0, 0, 0, TimeSpan.Zero).AddDays(days);
}
