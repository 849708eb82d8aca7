"""What pyproject.toml cannot say: the benchmark's library goes along with an installation.

It stands outside of the packages, in `instances`, where people look for data; in a wheel it is `optimizer/instances`.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FOLDERS = ("bench", "real", "tiny")  # the library, and what it names beside itself
ROOT = Path(__file__).parent


class BuildWithLibrary(build_py):
    """Copies the library into what is built; an editable installation has it in its checkout."""

    def run(self) -> None:
        """Build as ever, then copy: no file of an older library stays."""
        super().run()
        if not self.editable_mode:
            for name in FOLDERS:
                target = Path(self.build_lib) / "optimizer" / "instances" / name
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(ROOT / "instances" / name, target)


setup(cmdclass={"build_py": BuildWithLibrary})
