"""Claim types, values and expressions: text of a policy in, typed values and checks out."""
