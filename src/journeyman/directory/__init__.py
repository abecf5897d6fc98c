"""User accounts: sign-in names, attributes and passwords in, users out; sealed at rest."""
