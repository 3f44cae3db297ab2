using System.Text;
using NATS.NKeys;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Orleans.Mqtt.Tests.Nats.Keys;

/// <summary>The stand-in for the package NATS.NKeys.</summary>
public sealed class KeyPairTests
{
    // A pair that the NATS documentation shows.
    private const string Seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    private const string PublicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    /// <summary>RFC 8032, 7.1: secret key, public key, message, signature.</summary>
    public static TheoryData<string, string, string, string> Vectors => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory, MemberData(nameof(Vectors))]
    public void It_signs_as_RFC_8032_does(string secret, string publicKey, string message, string signature)
    {
        using var pair = KeyPair.FromSeed(SeedText.Of('U', Convert.FromHexString(secret)));
        var signed = new byte[64];

        pair.Sign(Convert.FromHexString(message), signed);

        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        Assert.Equal(SeedText.PublicOf('U', Convert.FromHexString(publicKey)), pair.GetPublicKey());
    }

    [Fact]
    public void It_reads_and_writes_keys_as_NATS_does()
    {
        using var pair = KeyPair.FromSeed(Seed);

        Assert.Equal(PublicKey, pair.GetPublicKey());
    }

    [Theory, InlineData('A'), InlineData('C'), InlineData('N'), InlineData('O'), InlineData('U')]
    public void It_knows_all_kinds_of_keys(char kind)
    {
        var secret = new byte[32];
        Random.Shared.NextBytes(secret);

        using var pair = KeyPair.FromSeed(SeedText.Of(kind, secret));

        Assert.Equal(kind, pair.GetPublicKey()[0]);
        Assert.Equal(56, pair.GetPublicKey().Length);
    }

    [Fact]
    public void A_signature_is_good_for_its_key_and_message_only()
    {
        using var pair = KeyPair.FromSeed(Seed);
        var message = Encoding.ASCII.GetBytes("a nonce");
        var signature = new byte[64];
        pair.Sign(message, signature);
        var key = SeedText.Decode(PublicKey).AsSpan(1, 32).ToArray();

        Assert.True(Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length));
        message[0] ^= 1;
        Assert.False(Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length));
    }

    [Fact]
    public void A_seed_with_a_letter_changed_is_refused()
    {
        for (var at = 0; at < Seed.Length; at++)
        {
            var mistyped = Seed.ToCharArray();
            mistyped[at] = mistyped[at] == 'B' ? 'D' : 'B';
            Assert.Throws<FormatException>(() => KeyPair.FromSeed(mistyped));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("SUA")]
    [InlineData(PublicKey)] // not secret
    [InlineData("suacssl3uahudxkfsnvuzrf5uhpmwz6bfdtj7m6usdxiednppqyyycu3vy")]
    [InlineData(Seed + "AA")]
    public void What_is_no_seed_is_refused(string text) =>
        Assert.Throws<FormatException>(() => KeyPair.FromSeed(text));

    [Fact]
    public void A_pair_that_is_disposed_signs_nothing()
    {
        var pair = KeyPair.FromSeed(Seed);
        pair.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pair.Sign(new byte[1], new byte[64]));
        Assert.Throws<ObjectDisposedException>(pair.GetPublicKey);
    }
}
