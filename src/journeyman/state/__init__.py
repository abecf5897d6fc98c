"""Short-lived state: sealed values with an expiry in, the same values out to whichever node asks."""
