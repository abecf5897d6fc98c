"""What an administrator may do: a caller with rights and a request in, changed objects or a refusal out.

The management API and the portal come this way alone to the data: rights are checked here, and every change is in
the audit trail under the caller's name.
"""
