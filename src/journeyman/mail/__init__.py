"""A message to a person in; out through a mailer, which in development is a mailbox that can be read."""
