"""Settings for checks that state an invariant and let hypothesis look for an exception.

Apart from `grader.checking` because hypothesis takes a third of a second to import: only
check files that use it pay.
"""

from __future__ import annotations

import os
from typing import Any

# What hypothesis keeps for itself goes where the grader keeps its own things.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(".grader", "hypothesis"))
# Looking for plugins of other packages takes longer than importing hypothesis.
os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")

from hypothesis import HealthCheck, Phase, settings


def examples(count: int = 30) -> Any:
    """Return a decorator that lets a property be tried on `count` examples.

    The examples are the same in every run, so that marks are; a failing one is made as
    small as can be before it is shown.
    """
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,  # the worker's own limit holds
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
