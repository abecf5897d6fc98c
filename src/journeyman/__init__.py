"""Journeyman runs Azure AD B2C policies on your own machine and secures every REST call they make."""

__version__ = "0.1.0"
