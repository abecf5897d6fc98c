"""A path in, a database with the schema of this version out; and the audit log that lives in it."""
