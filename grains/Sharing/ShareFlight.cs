using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>Where a message stands between a share and the member that it was given to.</summary>
internal enum FlightState : byte
{
    /// <summary>In the member's backlog.</summary>
    Given,

    /// <summary>PUBLISH is out, or may be.</summary>
    Sent,

    /// <summary>PUBREC is in and stored: from here on only PUBREL is sent. [MQTT-4.3.3-1]</summary>
    Released,

    /// <summary>Nothing more is to be done.</summary>
    Finished,
}

/// <summary>A message on its way to the member that it was given to.</summary>
internal sealed class ShareFlight(long position, ReadOnlyMemory<byte> record, ShareMember member)
{
    public long Position => position;

    public ReadOnlyMemory<byte> Record => record;

    public ShareMember Member => member;

    /// <summary>The lower of the published and the granted one.</summary>
    public QoS QoS { get; } = Lower(new MessageRecord(record.Span).QoS, member.QoS);

    public FlightState State { get; set; }

    /// <summary>0 as long as it waits for a place in the member's window.</summary>
    public ushort PacketId { get; set; }

    /// <summary>It may have been sent on an earlier connection of the member, or before the share was taken up.</summary>
    public bool MayBeRepeated { get; set; }

    /// <summary>That it was given to the member is stored: of QoS 2 only.</summary>
    public bool IsStored { get; set; }

    /// <summary>A message of QoS 2 that may have been sent is never given to another. [MQTT-4.8.2-4] [MQTT-4.8.2-5]</summary>
    public bool StaysWithMember => QoS is QoS.ExactlyOnce && State is not FlightState.Given;

    private static QoS Lower(QoS published, QoS granted) => published < granted ? published : granted;
}
