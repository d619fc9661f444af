"""Runs what is installed, and what is built against it."""

import subprocess


def run(*command: object, **options) -> str:
    """What it prints on stdout; a failure shows all that it said."""
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, **options
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout
