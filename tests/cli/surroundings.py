"""The environment in which the tests run the program."""

import os


def environment(**changes: str) -> dict[str, str]:
    """The tests' own, without what would steer the program's looks."""
    steering = ("COLUMNS", "NO_COLOR", "HF_HOME", "HF_HUB_CACHE")
    kept = {name: value for name, value in os.environ.items() if name not in steering}
    # Waiting threads that spin make many short runs on a busy machine several times as long.
    fixed = {"LC_ALL": "C.UTF-8", "TERM": "xterm", "OMP_WAIT_POLICY": "passive"}
    return kept | fixed | changes
