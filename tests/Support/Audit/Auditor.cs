namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>
/// Holds a chronicle to the promises: what was acknowledged arrives (P1), QoS 2 arrives once (P2), each stream in order
/// (P3; but not to those who share a subscription), what follows a SUBACK arrives (P4), a connection that was taken over is over (P5), a will comes once or, after a
/// goodbye, not at all (P6). Of a repeated QoS 1 message the first arrival counts for order: 1, 2, 1, 2, 3 is right
/// [MQTT-4.6.0-6].
/// </summary>
internal static class Auditor
{
    public static Findings Judge(Chronicle chronicle)
    {
        var findings = new Findings
        {
            Acknowledged = chronicle.AcknowledgedCount,
            Received = chronicle.ReceivedCount,
        };
        for (var audience = 0; audience < chronicle.Audiences.Count; audience++)
            Judge(chronicle, audience, findings);
        OwnershipAuditor.Judge(chronicle, findings);
        foreach (var oddity in chronicle.Oddities)
            findings.AddOdd(oddity);
        return findings;
    }

    private static void Judge(Chronicle chronicle, int audience, Findings findings)
    {
        var who = chronicle.Audiences[audience];
        var arrivals = chronicle.Arrivals(audience)
            .ToLookup(arrival => arrival.Message.Stream, arrival => arrival.Message.Number);
        foreach (var stream in chronicle.Streams)
        {
            var numbers = arrivals[stream.Index];
            if (who.QoSOf(stream) is { } qos)
                Judge(new Part(chronicle, who, stream, qos, findings), numbers);
            else if (numbers.Any())
                findings.AddOdd($"{who.ClientId} never asked for {stream.Topic}");
        }
    }

    private static void Judge(Part part, IEnumerable<int> numbers)
    {
        var seen = new HashSet<int>();
        var latest = -1;
        foreach (var number in numbers)
        {
            if (number < 0 || number >= part.Sent)
                part.Findings.AddOdd($"{part.Name(number)}: nobody sent that");
            else if (!seen.Add(number))
                JudgeRepeat(part, number);
            else if (number < latest && part.Stream.IsOrdered && !part.Who.IsShared)
                part.Findings.AddOutOfOrder($"{part.Name(number)} after #{latest}");
            latest = Math.Max(latest, number);
        }

        for (var number = 0; number < part.Sent; number++)
        {
            var duty = part.DutyOf(number);
            if (duty is Duty.Must && !seen.Contains(number))
                part.Findings.AddLost(part.Stream.Kind, part.Name(number));
            if (duty is Duty.MustNot && seen.Contains(number))
                part.Findings.AddUnwanted(part.Name(number));
        }
    }

    private static void JudgeRepeat(Part part, int number)
    {
        if (part.QoS == 2)
            part.Findings.AddDuplicate($"{part.Name(number)}; {part.ArrivalsOf(number)}");
        else
            part.Findings.Repeated++;
    }

    private readonly record struct Part(
        Chronicle Chronicle, Audience Who, MessageStream Stream, int QoS, Findings Findings)
    {
        public int Sent => Chronicle.Sent(Stream.Index);

        public Duty DutyOf(int number) => SendingOf(number).Duty;

        public string Name(int number) => $"{Stream.Topic} QoS {QoS} #{number} at {Who.ClientId}" + (number >= 0 && number < Sent
            ? $", sent after {Chronicle.Since(SendingOf(number).At).TotalSeconds:0.000} s on connection {SendingOf(number).Visit}"
            : "");

        public string ArrivalsOf(int number)
        {
            var (chronicle, message) = (Chronicle, new Receipt(Stream.Index, number));
            return string.Join(" and ", chronicle.Arrivals(chronicle.Audiences.ToList().IndexOf(Who))
                .Where(arrival => arrival.Message == message)
                .Select(arrival => $"came after {chronicle.Since(arrival.At).TotalSeconds:0.000} s on connection {arrival.Visit}"));
        }

        private Sending SendingOf(int number) => Chronicle.SendingOf(new Receipt(Stream.Index, number));
    }
}
