"""The pytest plugin of Journeyman."""
