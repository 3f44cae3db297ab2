using Microsoft.AspNetCore.Http.Metadata;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Room for the largest payload in JSON, where it may be base64, and for what stands beside it.</summary>
internal sealed class BodyLimit(int maximumPayload) : IRequestSizeLimitMetadata
{
    private const int Beside = 1024 * 1024;

    public long? MaxRequestBodySize => (2L * maximumPayload) + Beside;
}
