namespace Divolte.Grains.Interfaces.Configuration;

/// <summary>A property of the Kafka producer that a sink cannot leave as the user wrote it.</summary>
/// <param name="Name">The property, as Java's client calls it.</param>
/// <param name="Found">The user's value.</param>
/// <param name="Used">What is used instead: a value, or words where there is no value to give.</param>
/// <param name="IsChoice">Whether <c>delivery = as_configured</c> leaves the user's value.</param>
public sealed record OverruledProperty(string Name, string Found, string Used, bool IsChoice);
