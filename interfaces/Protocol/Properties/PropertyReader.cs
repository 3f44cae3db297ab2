using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>Walks a property block and judges each property against the table on the way; all values are borrowed.</summary>
public ref struct PropertyReader
{
    private readonly PropertyScope _scope;
    private readonly int _blockLength;
    private MqttReader _bytes;
    private ulong _seen;

    /// <param name="block">The block without its length.</param>
    /// <param name="scope">The packet that carries it.</param>
    public PropertyReader(ReadOnlySpan<byte> block, PropertyScope scope)
    {
        _bytes = new MqttReader(block);
        _blockLength = block.Length;
        _scope = scope;
    }

    public PropertyId Id { get; private set; }

    /// <summary>The value of a property that is a number or a boolean.</summary>
    public uint Number { get; private set; }

    /// <summary>The value of a property that is a string or binary data.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The name of a user property.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Where in the block the property begins, identifier included.</summary>
    public int Start { get; private set; }

    /// <summary>Where in the block the property ends.</summary>
    public readonly int End => _blockLength - _bytes.Remaining;

    public readonly bool IsSet => Number != 0;

    public readonly string Text => MqttText.Decode(Bytes);

    /// <summary>Moves to the next property, or says false at the end.</summary>
    public bool MoveNext()
    {
        if (_bytes.AtEnd)
            return false;

        Start = End;
        var id = _bytes.ReadByte();
        ref readonly var row = ref PropertyTable.Of(id);
        if ((row.Scopes & _scope) == 0)
            ProtocolException.ThrowMalformed($"Property 0x{id:X2} may not stand here.");

        Id = (PropertyId)id;
        if ((_seen & (1UL << id)) != 0 && !MayRepeat(Id))
            ProtocolException.ThrowProtocolError($"{Id} stands there twice.");

        _seen |= 1UL << id;
        ReadValue(row.Shape);
        return true;
    }

    // A PUBLISH carries one identifier for each subscription that it matched, chapter 3.3.2.3.8.
    private readonly bool MayRepeat(PropertyId id) =>
        id is PropertyId.UserProperty || (id is PropertyId.SubscriptionIdentifier && _scope is PropertyScope.Publish);

    private void ReadValue(PropertyShape shape)
    {
        switch (shape)
        {
            case PropertyShape.Boolean:
                Number = _bytes.ReadByte();
                if (Number > 1)
                    ProtocolException.ThrowProtocolError($"{Id} is {Number}; only 0 and 1 are allowed.");
                break;
            case PropertyShape.UInt16:
                Number = _bytes.ReadUInt16();
                break;
            case PropertyShape.PositiveUInt16:
                Number = Positive(_bytes.ReadUInt16());
                break;
            case PropertyShape.UInt32:
                Number = _bytes.ReadUInt32();
                break;
            case PropertyShape.PositiveUInt32:
                Number = Positive(_bytes.ReadUInt32());
                break;
            case PropertyShape.PositiveVarInt:
                Number = Positive((uint)_bytes.ReadVarInt());
                break;
            case PropertyShape.Binary:
                Bytes = _bytes.ReadBinary();
                break;
            case PropertyShape.TextPair:
                Name = _bytes.ReadUtf8();
                Bytes = _bytes.ReadUtf8();
                break;
            default:
                Bytes = _bytes.ReadUtf8();
                if (shape is PropertyShape.Topic && !TopicName.IsValid(Bytes))
                    ProtocolException.ThrowProtocolError($"{Id} is no topic name.");
                break;
        }
    }

    private readonly uint Positive(uint value)
    {
        if (value == 0)
            ProtocolException.ThrowProtocolError($"{Id} is 0.");

        return value;
    }
}
