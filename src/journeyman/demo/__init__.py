"""The demo: a bundled tenant, a guarded sample API and an application that signs in, in one process."""
