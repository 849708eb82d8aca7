"""Settings for all tests: none fails because a machine is slow, or because the tests run in the background."""

import gc
import signal
import sys
from collections.abc import Iterator

import browser
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts what it puts in the background with SIGINT ignored, and children inherit that: the commands
    # that tests interrupt would not notice. A handler, even one that does nothing, becomes the default in a child.
    signal.signal(signal.SIGINT, lambda number, frame: None)

# Where it is installed, jsonschema builds grammars of web addresses on import, which takes every process a second.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    """One browser for all tests that need one."""
    with browser.browsing(tmp_path_factory.mktemp("chromium")) as found:
        yield found


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and all that they import stay: the garbage collector need not look at them ever again."""
    gc.collect()
    gc.freeze()
