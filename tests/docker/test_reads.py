"""Who answers reads: the server in Norway, the anchor; the replica in the cloud when that is gone or has enough to do."""
import contextlib
import subprocess
import threading
import time

from support import process

from .conftest import BURST_CONNECTIONS, MAX_LAG

FAILOVER = 5  # seconds until reads are answered by the cloud


@contextlib.contextmanager
def anchor_gone(countries, end, again):
    """The server in Norway ended by the one command of the engine, and back by the other whatever happens meanwhile. Yields when the cloud has
    answered the first read: how many seconds that took, the command's own time included."""
    for server in ("burst/cloud", "anchor/norway"):
        countries.wait_for_server(server, "UP", 30)
    assert countries.read() == "norway"
    begun = time.monotonic()
    countries.docker(end, countries.source)
    try:
        while countries.read(patience=0.5) != "cloud":  # one that hangs costs little of what is measured
            assert time.monotonic() - begun < process.patient(30), countries.describe()
            time.sleep(0.05)
        yield time.monotonic() - begun
    finally:
        countries.docker(again, countries.source)
        countries.wait_for_server("anchor/norway", "UP", 60)
    assert {countries.read() for _ in range(20)} == {"norway"}


def losses(countries):
    """The alerts that say that the server in Norway is gone."""
    return [line for line in countries.alerts() if "local0.crit haproxy: Server anchor/norway is DOWN" in line]


@contextlib.contextmanager
def applications(countries, count):
    """So many applications that have a connection open in Norway, and no other has."""
    process.wait_until(lambda: countries.haproxy_statistic("anchor/BACKEND", "scur") == "0", 5, "no connection is open in Norway")
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(contextlib.closing(countries.reader())) for _ in range(count)]
        yield held


def test_all_reads_go_to_norway_as_long_as_it_answers(loaded):
    loaded.wait_for_server("burst/cloud", "UP", 30)
    assert {loaded.read() for _ in range(50)} == {"norway"}


def test_reads_go_to_the_cloud_when_norway_is_gone(loaded, figure):
    before = len(losses(loaded))
    with anchor_gone(loaded, "kill", "start") as seconds:
        figure("killed: read by the cloud after s", f"{seconds:.1f}")
        assert seconds < process.patient(FAILOVER)
        assert {loaded.read() for _ in range(20)} == {"cloud"}
        assert len(losses(loaded)) == before + 1, loaded.alerts()
        # Nothing newer than what the replica has exists anywhere: it stays, however long this lasts.
        time.sleep(8)
        assert {loaded.read() for _ in range(5)} == {"cloud"}
    assert len(losses(loaded)) == before + 1, f"one alert for one loss: {loaded.alerts()}"
    loaded.sql(loaded.source, "UPDATE sakila.film SET length=length+1")
    loaded.wait_caught_up()


def test_reads_go_to_the_cloud_when_norway_hangs(loaded, figure):
    before = len(losses(loaded))
    with anchor_gone(loaded, "pause", "unpause") as seconds:
        figure("hanging: read by the cloud after s", f"{seconds:.1f}")
        assert seconds < process.patient(FAILOVER)
    assert len(losses(loaded)) == before + 1, f"one alert for each loss: {loaded.alerts()}"


def test_reads_overflow_to_the_cloud_and_come_back(loaded):
    loaded.wait_for_server("burst/cloud", "UP", 30)
    with applications(loaded, BURST_CONNECTIONS - 1) as held:
        assert loaded.read() == "norway", "one less than the limit"
        held.append(loaded.reader())
        assert {loaded.read() for _ in range(5)} == {"cloud"}
        held.pop().close()
        process.wait_until(lambda: loaded.read() == "norway", 5, "reads go to Norway again when one has left")


def test_a_replica_that_lags_is_taken_out(loaded, figure):
    loaded.wait_for_server("burst/cloud", "UP", 30)
    writing = threading.Event()

    def write():
        while not writing.wait(0.5):
            loaded.sql(loaded.source, "UPDATE sakila.film SET length=length%200+1")

    writer = threading.Thread(target=write)
    client = ["docker", "exec", "-i", loaded.container(loaded.replica)["Id"], "mariadb" if loaded.mariadb else "mysql"]
    # As long as this connection lasts, the replica receives and cannot apply.
    with subprocess.Popen(client, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as holder:
        holder.stdin.write(b"FLUSH TABLES WITH READ LOCK;\nSELECT 1;\n")
        holder.stdin.flush()
        writer.start()
        begun = time.monotonic()
        try:
            loaded.wait_for_server("burst/cloud", "DOWN", 30)
            figure("taken out after s", f"{time.monotonic() - begun:.1f}")
            assert {loaded.read() for _ in range(10)} == {"norway"}
            with applications(loaded, BURST_CONNECTIONS):
                assert loaded.read() == "norway", "even a burst does not go to a replica that lags"
            writing.set()
            writer.join()
            loaded.docker("kill", loaded.source)
            try:
                loaded.wait_for_server("anchor/norway", "DOWN", 10)
                assert loaded.read() is None, "a replica that lags answers nobody"
            finally:
                loaded.docker("start", loaded.source)
                loaded.wait_for_server("anchor/norway", "UP", 60)
        finally:
            writing.set()
            writer.join()
            holder.stdin.close()
    taken_in_again(loaded)


def taken_in_again(countries):
    countries.wait_for_server("burst/cloud", "UP", 60)
    countries.wait_caught_up()
    with applications(countries, BURST_CONNECTIONS):
        assert countries.read() == "cloud", "a replica that has caught up is taken in again"


def test_a_relay_that_lags_takes_the_replica_out(loaded, figure):
    """Cut off from the source alone: the replica follows it as before, and has all that it has."""
    loaded.wait_for_server("burst/cloud", "UP", 30)
    cut = ("INPUT", "-s", loaded.address(loaded.source, "norway"), "-j", "DROP")
    begun = time.monotonic()
    assert loaded.execute(loaded.relay, "iptables", "-I", *cut)[0] == 0
    try:
        loaded.wait_for_server("burst/cloud", "DOWN", 30)
        figure("taken out after s", f"{time.monotonic() - begun:.1f}")
        ready = f"http://relay-norway:9144/ready?max_lag={MAX_LAG}"
        _, answer = loaded.execute("haproxy", "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", ready)
        assert answer == "503" and loaded.replica_follows(), (answer, loaded.replica_status())
        with applications(loaded, BURST_CONNECTIONS):
            assert loaded.read() == "norway"
    finally:
        assert loaded.execute(loaded.relay, "iptables", "-D", *cut)[0] == 0
    taken_in_again(loaded)


def test_a_relay_that_hangs_takes_the_replica_out(loaded):
    loaded.wait_for_server("burst/cloud", "UP", 30)
    loaded.docker("pause", loaded.relay)
    try:
        loaded.wait_for_server("burst/cloud", "DOWN", 30)
        assert loaded.read() == "norway"
    finally:
        loaded.docker("unpause", loaded.relay)
    taken_in_again(loaded)
