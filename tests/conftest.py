"""Settings for all tests: the same examples at every run, so that a failure is a change of the code.

`HYPOTHESIS_PROFILE=search` looks for new examples instead.
"""

import os
import signal

from hypothesis import settings

# A shell starts what runs in its background deaf to Ctrl-C, and children inherit that; some tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("fixed", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))
