"""``python -m journeyman_guard``."""

from journeyman_guard.cli.main import run

if __name__ == "__main__":
    run()
