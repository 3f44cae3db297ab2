using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class GuestBookTests
{
    private readonly HashSet<string> _stored = [];
    private readonly GuestBook _book;

    public GuestBookTests() => _book = NewBook(new SessionOptions());

    [Fact]
    public void A_guest_comes_and_goes_without_a_grain()
    {
        var ticket = _book.Enter("alice", Request());

        Assert.NotNull(ticket);
        Assert.False(ticket.IsPersistent || ticket.SessionPresent);
        Assert.Equal(1, _book.Count);
        Assert.True(_book.Leave("alice", ticket.Epoch, CloseReason.Lost));
        Assert.Equal(0, _book.Count);
    }

    [Fact]
    public void Epochs_rise()
    {
        var first = _book.Enter("alice", Request())!.Epoch;
        _book.Leave("alice", first, CloseReason.Lost);

        var second = _book.Enter("alice", Request())!.Epoch;

        Assert.True(second > first);
        Assert.False(_book.Leave("alice", first, CloseReason.Lost)); // the one that was there before
        Assert.True(_book.Leave("alice", second, CloseReason.Lost));
    }

    [Fact]
    public void Who_is_connected_already_is_taken_over_by_the_grain()
    {
        _book.Enter("alice", Request());

        Assert.Null(_book.Enter("alice", Request()));
    }

    [Fact]
    public void Whose_session_is_stored_is_no_guest()
    {
        _stored.Add("alice");

        Assert.Null(_book.Enter("alice", Request()));
        Assert.NotNull(_book.Enter("bob", Request()));
    }

    [Fact]
    public void What_must_outlive_the_connection_is_for_the_grain()
    {
        Assert.Null(_book.Enter("alice", Request() with { CleanStart = false }));
        Assert.Null(_book.Enter("alice", Request() with { SessionExpiry = 1 }));
        Assert.Null(_book.Enter("alice", Request() with { Will = new Will { Message = MessageBatch.Empty } }));
        Assert.Null(NewBook(new SessionOptions { StoreEphemeral = true }).Enter("alice", Request()));
    }

    [Fact]
    public void A_grain_that_wakes_takes_its_guest_over()
    {
        var epoch = _book.Enter("alice", Request())!.Epoch;
        var presence = NewPresence();

        var guest = _book.Wake("alice", presence);

        Assert.Equal(epoch, guest!.Epoch);
        Assert.False(_book.Leave("alice", epoch, CloseReason.Lost));
        Assert.Null(_book.Enter("alice", Request()));
    }

    [Fact]
    public void When_the_grain_sleeps_its_connection_is_a_guest_again_and_epochs_still_rise()
    {
        var epoch = _book.Enter("alice", Request())!.Epoch;
        var presence = NewPresence();
        var guest = _book.Wake("alice", presence);
        _book.Sleep("alice", presence, guest, lastEpoch: epoch + 3_600_000_000);

        Assert.True(_book.Leave("alice", epoch, CloseReason.Lost));
        Assert.True(_book.Enter("alice", Request())!.Epoch > epoch + 3_600_000_000);
    }

    [Fact]
    public void A_grain_that_sleeps_late_takes_nothing_from_the_one_that_woke_after_it()
    {
        var (first, second) = (NewPresence(), NewPresence());
        _book.Wake("alice", first);
        _book.Wake("alice", second);

        _book.Sleep("alice", first, guest: null, lastEpoch: 0);

        Assert.Null(_book.Enter("alice", Request()));
    }

    private static SessionPresence NewPresence() => new("alice", () => null, TimeProvider.System);

    private static SessionRequest Request() => new() { GatewayId = "g", CleanStart = true, ReceiveMaximum = ushort.MaxValue };

    private GuestBook NewBook(SessionOptions options) =>
        new(_stored.Contains, Options.Create(options), new ClientEvents(), TimeProvider.System);
}
