"""One file per check: a request in, a caller or a refusal out."""
