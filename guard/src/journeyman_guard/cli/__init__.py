"""The command ``journeyman-guard``: arguments in, an exit code out (0 done, 1 the thing checked is wrong, 2 the call is wrong)."""
