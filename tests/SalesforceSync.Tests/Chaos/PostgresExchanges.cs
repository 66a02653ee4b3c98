using System.Text;

namespace SalesforceSync.Tests.Chaos;

/// <summary>
/// Follows one Postgres connection: which questions are under way, which are answered, and what is to become of them. Both directions of a connection
/// use it at once.
/// </summary>
/// <param name="judge">Asked once for each question, when all of it has been seen and its end has not yet gone on.</param>
internal sealed class PostgresExchanges(Func<string, string, Fate> judge, ProxyTally tally)
{
    private readonly Lock _gate = new();
    private readonly PostgresMessages _asked = new(fromClient: true);
    private readonly PostgresMessages _answered = new(fromClient: false);
    private readonly Dictionary<string, string> _statements = [];
    private readonly StringBuilder _sql = new();
    private readonly StringBuilder _transaction = new();

    /// <summary>Questions under way; the first is the greeting, which is answered as any other.</summary>
    private int _open = 1;

    /// <summary>So many answers still go on to the client; null: all.</summary>
    private int? _answersLeft;

    /// <summary>How many of these bytes of the client's go on; fewer than all: then the connection is cut.</summary>
    public int Asked(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var message in _asked.Read(bytes))
            {
                Note(message);
                if (message.Type is not ('Q' or 'S'))
                    continue;
                var fate = Judge(_sql.ToString());
                _sql.Clear();
                if (fate == Fate.CutBefore)
                {
                    tally.CountCutBefore();
                    return message.Start;
                }
                if (fate == Fate.LoseAnswer)
                    _answersLeft ??= _open;
                _open++;
            }
            return bytes.Length;
        }
    }

    /// <summary>How many of these bytes of the server's go on, and whether the connection is cut now.</summary>
    public (int Length, bool IsCut) Answered(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var passed = _answersLeft == 0 ? 0 : bytes.Length;
            foreach (var message in _answered.Read(bytes))
            {
                if (message.Type != 'Z')
                    continue;
                _open--;
                if (_answersLeft == 0)
                {
                    tally.CountAnswerLost();
                    return (passed, true);
                }
                if (--_answersLeft == 0)
                    passed = message.End;
            }
            return (passed, false);
        }
    }

    private Fate Judge(string sql)
    {
        if (sql.StartsWith("begin", StringComparison.OrdinalIgnoreCase))
            _transaction.Clear();
        _transaction.Append(sql).Append('\n');
        var fate = judge(sql, _transaction.ToString());
        if (sql.StartsWith("commit", StringComparison.OrdinalIgnoreCase) || sql.Equals("rollback", StringComparison.OrdinalIgnoreCase))
            _transaction.Clear();
        return fate;
    }

    private void Note(PostgresMessage message)
    {
        switch (message.Type)
        {
            case 'Q':
                _sql.Append(Text(message.Body, 0));
                break;
            case 'P':
                var name = Text(message.Body, 0);
                _statements[name] = Text(message.Body, Encoding.UTF8.GetByteCount(name) + 1);
                break;
            case 'B':
                var portal = Text(message.Body, 0);
                _sql.Append(_statements.GetValueOrDefault(Text(message.Body, Encoding.UTF8.GetByteCount(portal) + 1))).Append(';');
                break;
        }
    }

    private static string Text(byte[] body, int from)
    {
        var end = Array.IndexOf(body, (byte)0, from);
        return Encoding.UTF8.GetString(body, from, (end < 0 ? body.Length : end) - from);
    }
}
