"""A technical profile's call in; the call of its API, as an outcome and a redacted record, out."""
