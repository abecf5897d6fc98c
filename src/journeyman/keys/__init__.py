"""Policy keys: key sets in; secrets, certificates and signatures out."""
