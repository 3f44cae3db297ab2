namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>
/// Promise P5: from the CONNACK of a newer connection on, the older one of the same client neither hears a message that was
/// sent after it nor gets an acknowledgement for one that it sent itself after it. What was under way before may still be
/// read from its socket.
/// </summary>
internal static class OwnershipAuditor
{
    public static void Judge(Chronicle chronicle, Findings findings)
    {
        var ends = EndsOf(chronicle.Visits);
        for (var audience = 0; audience < chronicle.Audiences.Count; audience++)
        {
            foreach (var arrival in chronicle.Arrivals(audience))
            {
                if (IsSent(chronicle, arrival.Message) && IsOver(arrival.Visit, chronicle.SendingOf(arrival.Message).At))
                {
                    findings.AddUsurped($"{chronicle.Audiences[audience].ClientId} heard {NameOf(chronicle, arrival.Message)} "
                        + "on a connection that had been taken over");
                }
            }
        }

        foreach (var stream in chronicle.Streams)
        {
            for (var number = 0; number < chronicle.Sent(stream.Index); number++)
            {
                var message = new Receipt(stream.Index, number);
                var sending = chronicle.SendingOf(message);
                if (sending.AcknowledgedIn == sending.Visit && IsOver(sending.Visit, sending.At))
                    findings.AddUsurped($"{NameOf(chronicle, message)} was acknowledged to a connection that had been taken over");
            }
        }

        bool IsOver(int visit, long at) => ends.TryGetValue(visit, out var end) && at > end;
    }

    /// <summary>For each connection the moment at which a newer one was surely in.</summary>
    private static Dictionary<int, long> EndsOf(IEnumerable<Visit> visits)
    {
        var ends = new Dictionary<int, long>();
        foreach (var client in visits.Where(visit => visit.WelcomedAt > 0).GroupBy(visit => visit.ClientId))
        {
            // Of two CONNECTs under way at once nobody knows which came first: only one that began after the other was
            // welcomed took it over for sure.
            foreach (var older in client)
            {
                var newer = client.Where(visit => visit.BegunAt > older.WelcomedAt).ToArray();
                if (newer.Length > 0)
                    ends[older.Number] = newer.Min(visit => visit.WelcomedAt);
            }
        }

        return ends;
    }

    private static bool IsSent(Chronicle chronicle, Receipt message) =>
        message.Number >= 0 && message.Number < chronicle.Sent(message.Stream);

    private static string NameOf(Chronicle chronicle, Receipt message) =>
        $"{chronicle.Streams[message.Stream].Topic} #{message.Number}";
}
