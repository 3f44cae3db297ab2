using CsCheck;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Contracts;

public class RecordTests
{
    [Fact]
    public void A_record_says_what_was_written_into_it()
    {
        byte[] properties = [1, 2, 3];
        var bytes = Records.Of(
            "a/b", "payload", QoS.ExactlyOnce, RecordFlags.Retain | RecordFlags.ExactlyOnce, ulong.MaxValue, 1ul << 63,
            long.MaxValue, uint.MaxValue, properties);
        var record = new MessageRecord([.. bytes, 99]); // what follows is not its own

        Assert.Equal(bytes.Length, record.Length);
        Assert.Equal("a/b", Records.TopicOf(record));
        Assert.Equal("payload", Records.PayloadOf(record));
        Assert.Equal(properties, record.Properties);
        Assert.Equal(QoS.ExactlyOnce, record.QoS);
        Assert.True(record.Has(RecordFlags.Retain));
        Assert.False(record.Has(RecordFlags.Dup));
        Assert.Equal((ulong.MaxValue, 1ul << 63), (record.Publisher, record.Sequence));
        Assert.Equal((long.MaxValue, uint.MaxValue), (record.Position, record.Expiry));
    }

    [Fact]
    public void A_patch_changes_what_it_names_and_nothing_else()
    {
        var bytes = Records.Of("a", "p", QoS.AtLeastOnce, publisher: 1, sequence: 2, position: 3);
        MessageRecord.PatchIdentity(bytes, 11, 12);
        Assert.Equal(Records.Of("a", "p", QoS.AtLeastOnce, publisher: 11, sequence: 12, position: 3), bytes);

        MessageRecord.PatchSequence(bytes, 13);
        MessageRecord.PatchPosition(bytes, -1);
        MessageRecord.PatchFlags(bytes, MessageRecord.WithQoS(RecordFlags.Dup | (RecordFlags)QoS.ExactlyOnce, QoS.AtMostOnce));
        Assert.Equal(Records.Of("a", "p", QoS.AtMostOnce, RecordFlags.Dup, publisher: 11, sequence: 13, position: -1), bytes);
    }

    [Fact]
    public void A_copy_for_one_receiver_has_the_identifiers_of_its_subscriptions_before_all_other_properties()
    {
        var block = new RecordBlock();
        block.Add(new MessageRecord(Records.Of("a/b", "payload", QoS.AtLeastOnce, properties: [1, 1])), [5, 300]);
        block.Add(new MessageRecord(Records.Of("next")), []);

        var expected = Records.Of("a/b", "payload", QoS.AtLeastOnce, properties: [0x0B, 5, 0x0B, 0xAC, 0x02, 1, 1]);
        Assert.Equal([.. expected, .. Records.Of("next")], block.ToArray());
    }

    [Fact]
    public void A_block_gives_back_what_was_added_however_it_grew_and_also_after_it_was_cleared()
    {
        var block = new RecordBlock();
        Gen.Int[0, 200_000].Array[0, 8].Sample(sizes =>
        {
            block.Clear();
            var added = Array.ConvertAll(sizes, size => Records.Of("t", new string('x', size), sequence: (ulong)size));
            foreach (var record in added)
                block.Add(new MessageRecord(record));

            Assert.Equal(added.Length, block.Count);
            Assert.Equal(added.Sum(record => record.Length), block.Length);
            var read = new List<byte[]>();
            foreach (var record in block)
                read.Add(record.Bytes.ToArray());
            Assert.Equal(added, read);

            var batch = MessageBatch.From(block);
            Assert.Equal(block.Count, batch.Count);
            Assert.True(batch.Bytes.Span.SequenceEqual(block.Bytes));
        }, iter: 50, threads: 1);
    }

    [Fact]
    public void The_identifier_of_a_position_leads_back_to_it_as_long_as_the_span_is_kept() =>
        Gen.Select(Gen.Long[0, long.MaxValue / 2], Gen.Int[0, PacketIdentifiers.Span - 1]).Sample((position, ahead) =>
        {
            var packetId = PacketIdentifiers.Of(position);
            Assert.NotEqual(0, packetId); // [MQTT-2.3.1-1]
            Assert.Equal(position, PacketIdentifiers.PositionOf(packetId, position + ahead));
        });

    [Fact]
    public void A_settlement_is_a_position_and_a_kind() =>
        Gen.Select(Gen.Long[0, long.MaxValue >> 2], Gen.Int[0, 2]).Sample((position, kind) =>
        {
            var settlement = new Settlement(position, (SettlementKind)kind);
            Assert.Equal((position, (SettlementKind)kind), (settlement.Position, settlement.Kind));
        });

    [Fact]
    public void Sequences_of_a_later_connection_are_higher_than_all_of_an_earlier_one()
    {
        const long Epoch = 1_800_000_000_000_000; // the year 2027, in microseconds
        Assert.Equal(Sequences.FirstOf(Epoch) + 4096, Sequences.FirstOf(Epoch + 1));
        Assert.True(Sequences.FirstOf(10 * Epoch) > Sequences.FirstOf(Epoch)); // far from an overflow
    }

    [Fact]
    public void Verdicts_given_on_many_threads_at_once_are_all_kept()
    {
        for (var round = 0; round < 50; round++)
        {
            var batch = new PublicationBatch();
            for (var i = 0; i < 8; i++)
                batch.Records.Add(new MessageRecord(Records.Of()));

            Parallel.For(0, 8, i => batch[i] = ReasonCode.QuotaExceeded);

            Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(ReasonCode.QuotaExceeded, batch[i]));
            batch.Clear();
            Assert.Equal(ReasonCode.Success, batch[0]);
        }
    }

    [Fact]
    public void The_broker_itself_never_counts_as_a_source_that_has_failed()
    {
        PublicationSource.Broker.Fail();
        Assert.False(PublicationSource.Broker.HasFailed);

        var client = new PublicationSource("alice");
        client.Fail();
        Assert.True(client.HasFailed);
    }
}
