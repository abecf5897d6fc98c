"""Policy keys or claims in, proof of who we are on the request or in TLS out; one file per option."""
