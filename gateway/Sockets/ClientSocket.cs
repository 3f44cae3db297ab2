using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>Closes the socket of a client when nobody uses it any more: the runtime's own have more than we need.</summary>
internal sealed class ClientSocket : SafeHandle
{
    public ClientSocket(int file)
        : base(invalidHandleValue: -1, ownsHandle: true) => SetHandle(file);

    public override bool IsInvalid => handle < 0;

    protected override bool ReleaseHandle() => Linux.Close((int)handle) == 0;
}
