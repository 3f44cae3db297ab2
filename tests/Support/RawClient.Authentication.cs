using Xunit;

namespace Orleans.Mqtt.Tests.Support;

// Enhanced authentication of MQTT 5.
public sealed partial class RawClient
{
    /// <summary>CONNECT with SCRAM to its end, which is a welcome.</summary>
    public async Task ConnectAsync(ScramClient scram, ConnectOptions? options = null)
    {
        var connect = (options ?? ConnectOptions.Version5) with { Properties = Method(scram.First()) };
        await SendAsync(Packet.Connect(connect));
        await SendAsync(Packet.Auth(0x18, Method(scram.Final(await ExpectAuthAsync(0x18)))));

        var answer = await ReceiveAsync();
        Assert.True(answer is { Header: 0x20, Body: [0 or 1, 0, ..] }, $"a CONNACK was expected, but {answer} came");
        (IsVersion5, Welcome, ClientId, SessionPresent) = (true, answer.Properties, connect.ClientId, answer.Body[0] == 1);
        Assert.Equal(ScramClient.Method, Welcome.Find(Prop.AuthMethod)?.Text);
        scram.ExpectSigned(Welcome.Find(Prop.AuthData)!.Bytes);
    }

    /// <summary>AUTH from the broker with this reason and the method; gives its data.</summary>
    public async Task<byte[]> ExpectAuthAsync(int reason, string method = ScramClient.Method)
    {
        var auth = await TakeAsync(packet => packet.Type is not RawType.Publish, "AUTH");
        Assert.True(auth.Header == 0xF0 && auth.Reason == reason, $"an AUTH with {reason:x2} was expected, but {auth} came");
        Assert.Equal(method, auth.Properties.Find(Prop.AuthMethod)?.Text);
        return auth.Properties.Find(Prop.AuthData)?.Bytes ?? [];
    }

    /// <summary>The properties that name the method, and its data.</summary>
    public static Props Method(byte[] data, string method = ScramClient.Method) =>
        new Props().Text(Prop.AuthMethod, method).Binary(Prop.AuthData, data);
}
