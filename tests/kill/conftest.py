"""Let the tests of this folder, and the processes that they kill, import its modules."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
