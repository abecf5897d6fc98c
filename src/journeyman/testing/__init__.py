"""Testing policies and applications against an engine: a tenant folder in, a running engine and its pages out."""
