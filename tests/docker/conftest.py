"""Fixtures of the tests that bring up docker-compose.yml."""
import os
import pathlib
import sys
import time

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support.compose import Compose, no_engine  # noqa: E402  (the path above makes it findable)
from support.fixtures import figure, pytest_configure, pytest_terminal_summary  # noqa: E402, F401
from support.leak import Canaries  # noqa: E402

from . import sakila  # noqa: E402

PROFILES = (os.environ.get("BINLOG_RELAY_PROFILES") or "mysql mariadb tls mariadb-tls").split()
KEY_CHANGES = (os.environ.get("BINLOG_RELAY_KEY_CHANGES") or " ".join(PROFILES)).split()  # the profiles whose keys are changed, which takes minutes
MAX_LAG = 5  # seconds
BURST_CONNECTIONS = 20


def pytest_collection_modifyitems(items):
    """Leaves out what a profile has not: a test with the mark "way" is for that way over the border alone."""
    def fits(item):
        mark = item.get_closest_marker("way")
        return mark is None or mark.args[0] == ("tls" if "tls" in item.callspec.params["countries"] else "ssh")

    items[:] = [item for item in items if fits(item)]
    elsewhere = f"keys are changed in {' and '.join(KEY_CHANGES)} alone; scripts/test --docker changes them in each profile"
    for item in items:
        if item.get_closest_marker("key_changes") and item.callspec.params["countries"] not in KEY_CHANGES:
            item.add_marker(pytest.mark.skip(reason=elsewhere))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and "countries" in getattr(item, "funcargs", {}):
        report.sections.append(("containers", item.funcargs["countries"].describe()))


@pytest.fixture(scope="session", params=PROFILES)
def countries(request):
    """Both countries of one profile, from nothing; taken away with all that they wrote."""
    reason = no_engine()
    if reason:
        pytest.skip(reason)
    made = Compose(request.param, {"MAX_LAG": str(MAX_LAG), "BURST_CONNECTIONS": str(BURST_CONNECTIONS)})
    try:
        made.up()
        yield made
    finally:
        made.down()


@pytest.fixture(scope="session")
def tokens(countries):
    """Of these countries alone: personal ones, and ones that may leave."""
    return Canaries(), Canaries()


@pytest.fixture(scope="session")
def loaded(countries, tokens):
    """The countries with the load written at the source and arrived at the replica; how long that took."""
    personal, kept = tokens
    begun = time.monotonic()
    countries.sql(countries.source, sakila.load(personal.text, kept.text))
    written = time.monotonic() - begun
    countries.sql(countries.source, sakila.changes(personal.text))
    countries.wait_caught_up()
    countries.load_seconds = (written, time.monotonic() - begun)
    return countries
