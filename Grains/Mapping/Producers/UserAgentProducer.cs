using Divolte.Grains.Schemas;

namespace Divolte.Grains.Mapping.Producers;

/// <summary><c>userAgent()</c>: looked up once per event.</summary>
internal sealed class UserAgentProducer(ValueProducer<TextSlice> header, IUserAgents userAgents, int slot)
    : CachingProducer<UserAgentTexts>("userAgent()", ProducerType.UserAgent, slot)
{
    public override ValueProducer? Source => header;

    /// <summary>One of its texts by the name of its method; null when there is no such method.</summary>
    public ValueProducer<TextSlice>? Find(string name) => name switch
    {
        "name" => new Part(this, name, texts => texts.Name),
        "family" => new Part(this, name, texts => texts.Family),
        "vendor" => new Part(this, name, texts => texts.Vendor),
        "type" => new Part(this, name, texts => texts.Type),
        "version" => new Part(this, name, texts => texts.Version),
        "deviceCategory" => new Part(this, name, texts => texts.DeviceCategory),
        "osFamily" => new Part(this, name, texts => texts.OsFamily),
        "osVersion" => new Part(this, name, texts => texts.OsVersion),
        "osVendor" => new Part(this, name, texts => texts.OsVendor),
        _ => null,
    };

    protected override bool TryCompute(in MappedEvent mapped, UserAgentTexts? reusable, out UserAgentTexts value)
    {
        value = header.TryRead(mapped, out var text) ? userAgents.Find(mapped.Read(text), mapped.Frame.Headers)! : null!;
        return value is not null;
    }

    private sealed class Part(UserAgentProducer userAgent, string name, Func<UserAgentTexts, byte[]> select)
        : ValueProducer<TextSlice>($"{userAgent.Identifier}.{name}()", ProducerType.String)
    {
        public override ValueProducer? Source => userAgent;

        public override bool TryRead(in MappedEvent mapped, out TextSlice value)
        {
            var isPresent = userAgent.TryRead(mapped, out var texts);
            value = isPresent ? TextSlice.Of(select(texts)) : default;
            return isPresent;
        }
    }
}
