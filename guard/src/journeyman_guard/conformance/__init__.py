"""Attack an API with wrong credentials and say what got in: a URL and the right credential come in, verdicts go out."""
