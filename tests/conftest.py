"""Settings for all tests: the same examples at every run, so that a failure is a change of the code.

`HYPOTHESIS_PROFILE=search` looks for new examples instead.
"""

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
