"""OpenID Connect and OAuth 2.0: authorization, token, discovery and logout endpoints of each policy."""
