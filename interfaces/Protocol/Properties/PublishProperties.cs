namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>The few properties of a PUBLISH that a broker interprets, found while its block was validated.</summary>
public readonly struct PublishProperties
{
    private readonly int _topicAliasAt;
    private readonly int _expiryAt;
    private readonly uint _expiry;

    private PublishProperties(int topicAliasAt, ushort topicAlias, int expiryAt, uint expiry, bool? format, int identifiers)
    {
        _topicAliasAt = topicAliasAt;
        TopicAlias = topicAlias;
        _expiryAt = expiryAt;
        _expiry = expiry;
        PayloadFormatIndicator = format;
        SubscriptionIdentifiers = identifiers;
    }

    private const int TopicAliasLength = 1 + sizeof(ushort);
    private const int ExpiryLength = 1 + sizeof(uint);

    /// <summary>0 when there is none.</summary>
    public ushort TopicAlias { get; }

    /// <summary>In seconds; null when the message never expires.</summary>
    public uint? MessageExpiryInterval => _expiryAt > 0 ? _expiry : null;

    /// <summary>True when the payload is announced to be UTF-8.</summary>
    public bool? PayloadFormatIndicator { get; }

    /// <summary>How many subscription identifiers the block holds; a client sends none [MQTT-3.3.4-6].</summary>
    public int SubscriptionIdentifiers { get; }

    /// <summary>How many bytes <see cref="CopyLasting"/> will write.</summary>
    public int MeasureLasting(ReadOnlySpan<byte> block) =>
        block.Length - (_topicAliasAt > 0 ? TopicAliasLength : 0) - (_expiryAt > 0 ? ExpiryLength : 0);

    /// <summary>
    /// Copies the block without the topic alias, which belongs to one connection, and without the expiry, which
    /// has to shrink on the way: what is left is forwarded unaltered and in order [MQTT-3.3.2-17].
    /// </summary>
    public int CopyLasting(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        // The fields hold positions plus one, so that a default value means that nothing is to be cut out.
        var (first, firstLength, second, secondLength) = _topicAliasAt < _expiryAt
            ? (_topicAliasAt, TopicAliasLength, _expiryAt, ExpiryLength)
            : (_expiryAt, ExpiryLength, _topicAliasAt, TopicAliasLength);

        var from = 0;
        var written = 0;
        if (first > 0)
            Keep(block, first - 1, firstLength, destination, ref from, ref written);
        if (second > 0)
            Keep(block, second - 1, secondLength, destination, ref from, ref written);

        block[from..].CopyTo(destination[written..]);
        return written + block.Length - from;
    }

    /// <summary>Validates a block and remembers what matters.</summary>
    /// <param name="block">The block without its length.</param>
    /// <param name="scope">A PUBLISH, or the will in a CONNECT.</param>
    internal static PublishProperties Read(ReadOnlySpan<byte> block, PropertyScope scope)
    {
        if (block.IsEmpty)
            return default;

        var (aliasAt, expiryAt, identifiers) = (0, 0, 0);
        var (alias, expiry) = ((ushort)0, 0u);
        bool? format = null;
        var property = new PropertyReader(block, scope);
        while (property.MoveNext())
        {
            switch (property.Id)
            {
                case PropertyId.TopicAlias:
                    (alias, aliasAt) = ((ushort)property.Number, property.Start + 1);
                    if (alias == 0)
                        ProtocolException.Throw(ReasonCode.TopicAliasInvalid, "Topic alias 0. [MQTT-3.3.2-8]");
                    break;
                case PropertyId.MessageExpiryInterval:
                    (expiry, expiryAt) = (property.Number, property.Start + 1);
                    break;
                case PropertyId.PayloadFormatIndicator:
                    format = property.IsSet;
                    break;
                case PropertyId.SubscriptionIdentifier:
                    identifiers++;
                    break;
            }
        }

        return new PublishProperties(aliasAt, alias, expiryAt, expiry, format, identifiers);
    }

    private static void Keep(
        ReadOnlySpan<byte> block, int until, int skip, Span<byte> destination, ref int from, ref int written)
    {
        block[from..until].CopyTo(destination[written..]);
        written += until - from;
        from = until + skip;
    }
}
