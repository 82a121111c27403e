"""A night flown with uncompiled kernels takes a minute: the tests that look at one are left to the compiled run."""

import os

if os.environ.get("RAMPART_KERNELS") == "python":
    collect_ignore = [
        f"test_{name}.py" for name in ("claims", "drawings", "report", "score", "story", "warning")
    ]
