"""The guard in front of APIs in any language: a reverse proxy, and the answer to another proxy's question."""
