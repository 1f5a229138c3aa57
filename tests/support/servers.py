"""Real database servers on throwaway data directories."""
import functools
import itertools
import os
import shutil
import signal
import subprocess

import pymysql

from . import certificates, flavours, process

_EVENT_HEADER = 19  # timestamp 4, type 1, server id 4, event size 4, next position 4, flags 2
_ids = itertools.count(os.getpid() % 20000 * 1000 + 1)


@functools.cache
def _self_signed():
    return certificates.Authority(process.temp_folder("certificates")).self_signed("server", "localhost")


class Server:
    """One server of a named version, on a copy of that version's data directory template.

    Connections are root's over the unix socket; `port` on 127.0.0.1, of `network` if it is given, is for the relay and for replicas.
    """

    def __init__(self, name, *, gtid=True, metadata=None, row_image="FULL", checksum="CRC32", binlog_format="ROW",
                 server_id=None, fsync=False, extra=(), on_disk=False, start=True, network=None):
        self.kind = flavours.flavour(name)
        self.name = name
        self.gtid = gtid
        self.network = network
        self.server_id = server_id or next(_ids)
        self.folder = process.temp_folder(name, on_disk)
        self.data_dir = self.folder / "data"
        self.binlog_dir = self.folder / "binlog"
        self.relay_log_dir = self.folder / "relaylog"
        self.socket = self.folder / "sock"
        self.error_log = self.folder / "error.log"
        self.port = process.free_port()
        self.options = flavours.server_options(self.kind, gtid, metadata, row_image, checksum, binlog_format, fsync)
        self.extra = list(extra)
        self.v1_rows = self.kind.old and any("v1-row-events" in option for option in extra)
        self.child = None
        self._connection = None
        self._prepare()
        if start:
            self.start()

    def _prepare(self):
        if not (self.kind.folder / "READY").exists():
            raise RuntimeError(f"{self.name} is not prepared: run scripts/servers {self.name}")
        for folder in (self.binlog_dir, self.relay_log_dir, self.folder / "tmp"):
            folder.mkdir()
        # cp keeps the holes of sparse files, shutil would not.
        subprocess.run(["cp", "-r", "--sparse=always", "--reflink=auto", self.kind.folder / "data", self.data_dir], check=True)

    @property
    def client_path(self):
        return self.kind.binlog_reader(self.v1_rows)

    def arguments(self):
        return [self.kind.program, f"--datadir={self.data_dir}", f"--socket={self.socket}", f"--port={self.port}",
                "--bind-address=127.0.0.1", f"--pid-file={self.folder}/pid", f"--log-error={self.error_log}",
                f"--tmpdir={self.folder}/tmp", f"--server-id={self.server_id}", f"--log-bin={self.binlog_dir}/binlog",
                f"--relay-log={self.relay_log_dir}/relay", f"--user={os.environ.get('USER') or 'root'}",
                *self._certificate(), *self.options, *self.extra]

    def _certificate(self):
        """11.8 makes itself one at every start otherwise, which takes longer than all the rest of it. MySQL's templates have theirs."""
        if self.kind.name != "mariadb-11.8":
            return []
        return [f"--ssl-{what}={path}" for what, path in zip(("cert", "key"), _self_signed())]

    def start(self, seconds=60):
        self.spawn()
        self.wait_ready(seconds)
        return self

    def spawn(self):
        output = open(self.folder / "output", "ab")
        self.child = process.spawn(self.arguments(), self.network, stdout=output, stderr=output)
        output.close()

    def wait_ready(self, seconds=60):
        def ready():
            if self.child.poll() is not None:
                raise AssertionError(f"{self.name} did not start:\n{process.tail(self.folder / 'output')}\n{self.log_tail()}")
            try:
                self.connect().close()
                return True
            except pymysql.err.OperationalError:
                return False

        process.wait_until(ready, seconds, lambda: f"{self.name} ready:\n{self.log_tail()}")

    def log_tail(self, lines=30):
        return process.tail(self.error_log, lines)

    def connect(self, database=None, **options):
        options.setdefault("autocommit", True)
        return pymysql.connect(unix_socket=str(self.socket), user="root", database=database, charset="utf8mb4",
                               max_allowed_packet=1 << 30, read_timeout=600, **options)

    @property
    def connection(self):
        """The server's own connection, made anew after a restart."""
        if self._connection is None:
            self._connection = self.connect()
        return self._connection

    def new_session(self):
        """What the next statement runs in: without temporary tables and settings of the last."""
        self._forget_connection()

    def execute(self, *statements):
        for sql in statements:
            with self.connection.cursor() as cursor:
                cursor.execute(sql)

    def query(self, sql):
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def value(self, sql):
        return self.query(sql)[0][0]

    def create_account(self, user, password, grants):
        self.execute(*flavours.create_account_sql(self.kind, user, password, grants))

    def binlog_files(self):
        return sorted(path for path in self.binlog_dir.iterdir() if path.suffix[1:].isdigit())

    def largest_event(self):
        """Bytes of the largest event in the binary logs that are here."""
        return max((size for path in self.binlog_files() for size in _event_sizes(path)), default=0)

    def gtid_position(self):
        """What this server has executed, as its flavour writes it."""
        if self.kind.mariadb:
            return self.value("SELECT @@global.gtid_current_pos")
        return self.value("SELECT @@global.gtid_executed").replace("\n", "")

    def _forget_connection(self):
        if self._connection is not None:
            try:
                self._connection.close()
            except pymysql.err.Error:
                pass
            self._connection = None

    def stop(self, seconds=60):
        if self.child is None:
            return
        self._forget_connection()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(process.patient(seconds))
            except subprocess.TimeoutExpired:
                process.kill(self.child)
                raise AssertionError(f"{self.name} did not stop:\n{self.log_tail()}") from None

    def kill9(self):
        self._forget_connection()
        process.kill(self.child)

    def restart(self, *extra):
        """Stops and starts; `extra` options stay for good."""
        self.stop()
        self.extra += extra
        self.start()

    def destroy(self):
        if self.child is not None:
            self._forget_connection()
            process.kill(self.child)
        process.remove_folder(self.folder)


def _event_sizes(path):
    with open(path, "rb") as file:
        offset = 4
        while len(header := os.pread(file.fileno(), _EVENT_HEADER, offset)) == _EVENT_HEADER:
            size = int.from_bytes(header[9:13], "little")
            assert size >= _EVENT_HEADER, f"{path}: no event at {offset}"
            yield size
            offset += size


def start_together(*servers):
    """Starts servers that were made with start=False; together they take as long as the slowest."""
    for server in servers:
        server.spawn()
    for server in servers:
        server.wait_ready()
    return servers


def prepared(name):
    return (flavours.cache_folder() / name / "READY").exists()


def disk_free(folder):
    return shutil.disk_usage(folder).free
