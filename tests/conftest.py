"""What holds for every test: Hypothesis without deadlines (machines differ), the same examples on every CI run."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("kafka-analysis", deadline=None, derandomize="CI" in os.environ, print_blob=True)
settings.load_profile("kafka-analysis")
