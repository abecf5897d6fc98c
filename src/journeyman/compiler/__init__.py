"""Merged policy tree in, CompiledPolicy and diagnostics out."""
