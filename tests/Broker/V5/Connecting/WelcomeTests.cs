using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Connecting;

/// <summary>Section 3.2: what CONNACK says to a client that is let in.</summary>
public sealed class WelcomeTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-3.2.2-22", "MQTT-3.1.2-28", "MQTT-4.12.0-6")]
    public async Task It_says_what_differs_from_what_a_client_assumes_and_nothing_else()
    {
        await using var client = await broker.Connect5Async();

        Assert.Equal(
            [Prop.ReceiveMaximum, Prop.TopicAliasMaximum, Prop.MaximumPacketSize],
            client.Welcome.Select(property => property.Id).Order());
        Assert.Equal(1_000, client.Welcome.Find(Prop.ReceiveMaximum)!.Number);
        Assert.Equal(32, client.Welcome.Find(Prop.TopicAliasMaximum)!.Number);
        Assert.Equal(1024 * 1024, client.Welcome.Find(Prop.MaximumPacketSize)!.Number);
    }

    [Theory, InlineData(true), InlineData(false), Spec("MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.2.2-16")]
    public async Task A_client_without_a_name_is_given_one_that_it_can_come_back_with(bool clean)
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using var first = await broker.Connect5Async(lasting, clientId: "", clean);
        await using var second = await broker.Connect5Async(lasting, clientId: "", clean);
        var name = first.Welcome.Find(Prop.AssignedClientId)!.Text;

        Assert.NotEmpty(name);
        Assert.NotEqual(name, second.Welcome.Find(Prop.AssignedClientId)!.Text);
        Assert.False(first.SessionPresent);
        await first.DisconnectAsync();
        await using var again = await broker.Connect5Async(lasting, name, clean: false);
        Assert.True(again.SessionPresent);
        Assert.False(again.Welcome.Has(Prop.AssignedClientId));
    }

    [Theory, Spec("MQTT-3.1.3-5", "MQTT-3.1.3-2")]
    [InlineData(""), InlineData("0123456789"), InlineData("abcdefghijklmnopqrstuvw"), InlineData("ABCDEFGHIJKLMNOPQRSTUVW")]
    public async Task Letters_and_digits_are_welcome_up_to_23(string start)
    {
        var id = (start + Unique.Token() + "0123456789012345678901234")[..23];
        await using var client = await broker.Connect5Async(clientId: id);
        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-1.5.4-3")]
    public async Task A_byte_order_mark_is_part_of_a_name()
    {
        var (id, lasting) = (Unique.ClientId(), new Props().Int(Prop.SessionExpiry, 60));
        await using (var marked = await broker.Connect5Async(lasting, "\uFEFF" + id))
            await marked.DisconnectAsync();

        await using var plain = await broker.Connect5Async(lasting, id, clean: false);
        Assert.False(plain.SessionPresent);
        await using var again = await broker.Connect5Async(lasting, "\uFEFF" + id, clean: false);
        Assert.True(again.SessionPresent);
    }

    [Fact, Spec("MQTT-3.1.3-1", "MQTT-3.1.2-17", "MQTT-3.1.2-19")]
    public async Task All_fields_of_a_CONNECT_together_are_understood()
    {
        await using var client = await broker.ConnectAsync(ConnectOptions.Version5 with
        {
            Will = new Will(Unique.Topic(), "will", qos: 1) { Properties = new Props().Int(Prop.WillDelay, 1).User("a", "b") },
            UserName = "user",
            Password = [1, 2, 3],
            KeepAlive = 60,
            Properties = new Props()
                .Int(Prop.SessionExpiry, 1).Short(Prop.ReceiveMaximum, 10).Int(Prop.MaximumPacketSize, 100_000)
                .Short(Prop.TopicAliasMaximum, 5).Byte(Prop.RequestResponse, 1).Byte(Prop.RequestProblems, 1)
                .User("name", "one").User("name", "two"),
        });
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_password_may_come_without_a_user_name()
    {
        await using var client = await broker.ConnectAsync(ConnectOptions.Version5 with { Password = [1] });
        await client.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task A_client_that_takes_no_packet_as_large_as_its_CONNACK_is_refused()
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = new Props().Int(Prop.MaximumPacketSize, 5),
        }), 0x95);

        await using var smaller = await broker.OpenAsync();
        await smaller.SendAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = new Props().Int(Prop.MaximumPacketSize, 4),
        }));
        await smaller.ExpectClosedAsync();
    }
}
