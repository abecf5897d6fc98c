"""User flows: their settings in, the TrustFrameworkPolicy XML of each out."""
