using Divolte.Grains.Interfaces.Events;

namespace Divolte.Frontend.Requests;

/// <summary>The headers of a request, whoever has read them.</summary>
internal interface IRequestHeaders
{
    /// <summary>Writes all of them into a frame, values of one name in the order in which they came.</summary>
    void WriteTo(ref EventFrameWriter writer);
}
