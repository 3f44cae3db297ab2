using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>What a loop serves: a socket, and who answers for it. It is told and called on threads of loops.</summary>
internal interface IServed
{
    /// <summary>For the log.</summary>
    string Name { get; }

    SafeHandle Socket { get; }

    /// <summary>The socket has news, as <see cref="Epoll"/> names them.</summary>
    void OnNews(uint happened);

    /// <summary>It was posted: does what is due.</summary>
    void Attend();

    /// <summary>It has died of a bug of ours.</summary>
    void Drop(Exception bug);
}
