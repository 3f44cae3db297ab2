using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Silo;

// A process to be killed: writes to an embedded store in the folder it is given, and says what has been acknowledged.
// Arguments: folder, log limit in bytes (small = many checkpoints).
var limits = new EmbeddedStoreOptions
{
    LogLimitBytes = long.Parse(args[1], CultureInfo.InvariantCulture),
    UpkeepInterval = TimeSpan.FromMilliseconds(200),
};
await using var store = EmbeddedStore.Start(args[0], limits);
var options = new StoreOptions { Prefix = "child", Lanes = 1 };
await using var connection = await StoreConnection.OpenAsync(store.Configuration, options, NullLogger.Instance);
await using var writer = new StoreWriter(connection);
var sessions = new SessionStore(connection, writer, TimeProvider.System);
var said = new Lock();
await Task.WhenAll(Enumerable.Range(0, 32).Select(client => Task.Run(() => WriteForEver($"client{client}"))));

async Task WriteForEver(string client)
{
    for (var round = 0; ; round++)
    {
        // A claim every now and then: a kill between its steps must not lose the queue either.
        var claim = (await sessions.Claim(client, create: true, firstRecords: 0))!;
        for (var write = 0; write < 20; write++)
        {
            var number = claim.QueueLength.ToString(CultureInfo.InvariantCulture);
            await sessions.Commit(claim, new SessionChange
            {
                Append = [Encoding.UTF8.GetBytes(number.PadRight(200))],
                Set = [new(Encoding.UTF8.GetBytes("last"), Encoding.UTF8.GetBytes(number))],
            });
            lock (said)
                Console.Out.WriteLine($"{client} {number}");
        }

    }
}
