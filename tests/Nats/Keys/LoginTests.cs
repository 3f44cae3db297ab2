using NATS.Client.Core;
using NATS.NKeys;
using Orleans.Mqtt.Tests.Nats.Support;

namespace Orleans.Mqtt.Tests.Nats.Keys;

/// <summary>How the broker logs in at a nats-server that does not let everybody in.</summary>
public sealed class LoginTests
{
    private readonly string _seed = SeedText.Of('U', RandomSecret());

    [Fact]
    public async Task With_an_NKey()
    {
        using var pair = KeyPair.FromSeed(_seed);
        await using var server = await NatsServer.StartAsync($"authorization {{ users: [ {{ nkey: {pair.GetPublicKey()} }} ] }}");

        await ExpectCopiesAsync(server, new NatsAuthOpts { Seed = _seed, NKey = pair.GetPublicKey() }, "--Nats:NKeySeed", _seed);
    }

    [Fact]
    public async Task With_the_file_of_an_NKey()
    {
        using var pair = KeyPair.FromSeed(_seed);
        await using var server = await NatsServer.StartAsync($"authorization {{ users: [ {{ nkey: {pair.GetPublicKey()} }} ] }}");
        var file = Path.Combine(server.Folder, "user.nk");
        await File.WriteAllTextAsync(file, $"# a remark\n  {_seed}\n{pair.GetPublicKey()}\n", TestContext.Current.CancellationToken);

        await ExpectCopiesAsync(server, new NatsAuthOpts { NKeyFile = file }, "--Nats:NKeyFile", file);
    }

    [Fact]
    public async Task With_the_wrong_NKey_it_stays_outside_and_says_so()
    {
        using var other = KeyPair.FromSeed(SeedText.Of('U', RandomSecret()));
        await using var server = await NatsServer.StartAsync($"authorization {{ users: [ {{ nkey: {other.GetPublicKey()} }} ] }}");
        await using var broker = await NatsBroker.StartAsync(server, "--Nats:NKeySeed", _seed);

        await broker.SaysAsync("NATS is away");

        Assert.Contains(broker.Output, line => line.Contains("Authorization Violation", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(broker.Output, line => line.Contains(_seed, StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_password()
    {
        await using var server = await NatsServer.StartAsync("authorization { user: broker, password: \"s3cret\" }");

        await ExpectCopiesAsync(
            server, new NatsAuthOpts { Username = "broker", Password = "s3cret" },
            "--Nats:User", "broker", "--Nats:Password", "s3cret");
    }

    [Fact]
    public async Task With_a_password_in_the_address_which_is_not_shown()
    {
        await using var server = await NatsServer.StartAsync("authorization { user: broker, password: \"s3cret\" }");
        await using var broker = await NatsBroker.StartAsync(server, "--nats", $"nats://broker:s3cret@127.0.0.1:{server.Port}");

        await broker.SaysAsync("NATS is there");

        Assert.DoesNotContain(broker.Output, line => line.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_a_token()
    {
        await using var server = await NatsServer.StartAsync("authorization { token: \"t0ken\" }");

        await ExpectCopiesAsync(server, new NatsAuthOpts { Token = "t0ken" }, "--Nats:Token", "t0ken");
    }

    [Fact]
    public async Task With_credentials_of_an_account()
    {
        var account = new TestAccount();
        await using var server = await NatsServer.StartAsync(account.ServerConfiguration);
        var file = Path.Combine(server.Folder, "user.creds");
        await File.WriteAllTextAsync(file, account.Credentials, TestContext.Current.CancellationToken);

        await ExpectCopiesAsync(server, new NatsAuthOpts { CredsFile = file }, "--Nats:CredentialsFile", file);
    }

    [Fact]
    public async Task Over_TLS_to_a_server_whose_certificate_is_of_a_known_authority()
    {
        await using var server = NatsServer.Prepare(
            "tls { cert_file: \"FOLDER/server.pem\", key_file: \"FOLDER/server.key\", ca_file: \"FOLDER/ca.pem\", verify: true }");
        Certificates.WriteTo(server.Folder);
        await server.RunAsync();
        string[] settings =
        [
            "--Nats:CaFile", Path.Combine(server.Folder, "ca.pem"),
            "--Nats:CertificateFile", Path.Combine(server.Folder, "client.pem"),
            "--Nats:KeyFile", Path.Combine(server.Folder, "client.key"),
        ];
        await using var broker = await NatsBroker.StartAsync(server, settings);
        await broker.SaysAsync("NATS is there");
        await using var stranger = await NatsBroker.StartAsync(server, "--nats", $"tls://127.0.0.1:{server.Port}");

        await stranger.SaysAsync("NATS is away");
    }

    private static async Task ExpectCopiesAsync(NatsServer server, NatsAuthOpts login, params string[] settings)
    {
        await using var peer = await NatsPeer.HearingAsync(server, "mqtt.>", NatsOpts.Default with { AuthOpts = login });
        await using var broker = await NatsBroker.StartAsync(server, settings);
        await using var client = await broker.ConnectAsync();

        await client.PublishAsync("a", "hello");

        await peer.ExpectAsync("mqtt.a", "hello");
    }

    private static byte[] RandomSecret()
    {
        var secret = new byte[32];
        Random.Shared.NextBytes(secret);
        return secret;
    }
}
