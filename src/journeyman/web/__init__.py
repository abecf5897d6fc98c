"""HTTP surfaces: requests in; pages, tokens and redirects out."""
