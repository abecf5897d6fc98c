"""Providers: a compiled technical profile in, an outcome out; one handler, one file."""
