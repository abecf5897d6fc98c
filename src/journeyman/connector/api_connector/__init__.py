"""API connectors of user flows: a compiled profile and claims in, the request of rest-connectors.md §15 and its answer out."""
