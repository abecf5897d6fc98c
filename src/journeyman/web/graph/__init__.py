"""The management API: an HTTP request with a bearer token in; the answer of the service's graph surface out.

Source: graph-api.md.
"""
