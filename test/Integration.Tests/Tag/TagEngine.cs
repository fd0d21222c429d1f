namespace Divolte.Integration.Tests.Tag;

/// <summary>A browser that plays scenarios.</summary>
internal enum TagEngine
{
    Chromium,
    Firefox,
}
