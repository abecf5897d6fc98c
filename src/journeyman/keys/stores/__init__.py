"""Stores of policy keys: key sets in, the same key sets out after a restart."""
