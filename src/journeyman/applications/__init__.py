"""Applications: a client id, a secret, a redirect URI or a scope in; what the application may do out."""
