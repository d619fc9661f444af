"""The door to clipclap's checkpoint reading."""

import json
import subprocess

import pytest


@pytest.fixture(scope="session")
def probe(tools):
    """Runs tests/tools/checkpoint_probe; one answer for each argument."""

    def run(command, *arguments, environment=None):
        output = subprocess.run(
            [tools / "checkpoint_probe", *command.split(), *map(str, arguments)],
            capture_output=True,
            check=True,
            env=environment,
        )
        answers = [json.loads(line) for line in output.stdout.decode().splitlines()]
        assert len(answers) == len(arguments)
        return answers

    return run
