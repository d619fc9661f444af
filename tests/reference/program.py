"""Runs the built program and reads what it says."""

import json
import subprocess
from pathlib import Path

import numpy


class Program:
    def __init__(self, binary: Path):
        self.binary = binary

    def run(self, *arguments: object) -> str:
        """What it prints on stdout; a failure shows what it said on stderr."""
        command = [str(self.binary), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        assert result.returncode == 0, f"{command}: {result.returncode}\n{result.stderr}"
        return result.stdout

    def records(self, *arguments: object) -> list[dict]:
        return [json.loads(line) for line in self.run(*arguments).splitlines()]

    def embed_pictures(self, model: Path, pictures: list[Path], *options: object):
        """[pictures, dimension], in the order given."""
        records = self.records("embed", "--model", model, *options, *pictures)
        assert [record["file"] for record in records] == [str(path) for path in pictures]
        return numpy.array([record["embedding"] for record in records], dtype=numpy.float64)

    def embed_texts(self, model: Path, texts: list[str], *options: object):
        """[texts, dimension], in the order given."""
        arguments = [part for text in texts for part in ("--text", text)]
        records = self.records("embed", "--model", model, *options, *arguments)
        assert [record["text"] for record in records] == texts
        return numpy.array([record["embedding"] for record in records], dtype=numpy.float64)
