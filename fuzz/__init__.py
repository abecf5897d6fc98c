"""Hostile input for the parts that read it: bytes in, nothing out, or the promise that was broken."""
