using System.Text;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Fuzzing;

/// <summary>Authentications that go wrong: messages of SCRAM that are damaged, early, late or none. The seed decides all of it.</summary>
internal sealed class MutationsOfScram(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>What one hostile connection says, whatever it is asked.</summary>
    public IEnumerable<byte[]> Conversation()
    {
        var scram = new ScramClient(Next(2) ? "dave" : $"nobody {_random.Next(9)}", "guess");
        yield return Packet.Connect(ConnectOptions.Version5 with
        {
            ClientId = $"fuzz-scram{_random.Next(50)}", Properties = RawClient.Method(MaybeDamaged(scram.First())),
        });
        for (var i = _random.Next(1, 6); i > 0; i--)
        {
            yield return Next(9)
                ? Packet.PingReq
                : Packet.Auth(Next(4) ? _random.Next(256) : 0x18, RawClient.Method(MaybeDamaged(Final())));
        }
    }

    private bool Next(int chances) => _random.Next(chances) == 0;

    private byte[] Final() => Encoding.UTF8.GetBytes(_random.Next(4) switch
    {
        0 => "c=biws,r=abc,p=" + Convert.ToBase64String(new byte[_random.Next(64)]),
        1 => new string(',', _random.Next(5_000)),
        2 => "n,,n=dave,r=abc",
        _ => "c=biws,p=",
    });

    private byte[] MaybeDamaged(byte[] message)
    {
        if (message.Length == 0 || !Next(2))
            return message;

        message[_random.Next(message.Length)] = (byte)_random.Next(256);
        return Next(3) ? message[.._random.Next(message.Length)] : message;
    }
}
