"""The revisions of the schema; a published one is never changed."""
