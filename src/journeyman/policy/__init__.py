"""Policy XML in, merged policy tree out."""
