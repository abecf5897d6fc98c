"""``guard.toml``: a file comes in, a guard and the settings of its server go out."""
