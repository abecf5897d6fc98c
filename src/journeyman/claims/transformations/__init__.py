"""Claims transformations: claims and parameters in, claims out; one small pure function each.

A method is found in ``METHODS`` by its name in lower case. Source: claims.md part B.
"""

from __future__ import annotations

from journeyman.claims.transformations.contract import Inputs, Method, Outputs, Parameters, Surroundings

__all__ = ["Inputs", "Method", "Outputs", "Parameters", "Surroundings"]
