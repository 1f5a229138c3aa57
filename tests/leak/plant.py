"""Runs every way at a source and notes where in its binary log each begins and ends."""
import itertools

from support import leak, servers

from . import catalogue
from .way import Stream

_COMMON = ("--log-bin-trust-function-creators=1",)
OPTIONS = {  # of sources and replicas
    "mysql-9.7": _COMMON,
    "mysql-5.6": (*_COMMON, "--innodb-log-file-size=256M"),  # a big row has to fit into a tenth of it
    "mariadb-10.5": _COMMON,
    "mariadb-10.11": _COMMON,
    "mariadb-11.8": _COMMON,
}
REPLICA_OPTIONS = {}
IMAGES = ("FULL", "MINIMAL", "NOBLOB")


def settings_of(kind, what, number):
    """The settings that one way runs under. Rows: every two values of two settings meet; "once": compressed or not, by turns."""
    if what == "text":
        return [dict(compress=on) for on in ((False, True) if not kind.old else (False,))]
    if what == "once":
        return [dict(compress=not kind.old and number % 2 == 1)]
    if kind.old:
        return [dict(image="FULL"), dict(image="MINIMAL", v1=True)] if what == "big" else [dict(image=image, v1=v1) for image in IMAGES for v1 in (
        False, True)]
    if what == "big":
        return [dict(image="FULL", metadata="FULL", compress=False), dict(image="MINIMAL", metadata=kind.metadata_modes[0], compress=True)]
    images = IMAGES + (("FULL_NODUP",) if kind.name == "mariadb-11.8" else ())
    modes = kind.metadata_modes
    return [dict(image=image, metadata=mode, compress=(row + column) % 2 == 1)
            for (row, image), (column, mode) in itertools.product(enumerate(images), enumerate(modes))]


def label(setting):
    words = {"compress": "compressed", "v1": "v1 rows"}
    parts = [value if isinstance(value, str) else words[key] for key, value in setting.items() if value]
    return " ".join(parts) or "plain"


class Planter:
    def __init__(self, server: servers.Server):
        self.server, self.kind = server, server.kind
        self.canaries = leak.Canaries()
        self.streams = []
        self._globals = {}

    def plant_all(self):
        """Big rows first, then what is expected to pass, then what is expected to halt."""
        chosen = [way for way in catalogue.WAYS if self.server.name in way.on]
        runs = [(way, setting) for number, way in enumerate(chosen) for setting in settings_of(self.kind, way.settings, number)]
        runs.sort(key=lambda run: (bool(run[0].halts_on(self.server.name)) or run[0].may_halt, not run[0].big, self._global_settings(run[1])))
        for number, (way, setting) in enumerate(runs, 1):
            self.streams.append(self._plant(way, setting, number))
        return self.streams

    def _plant(self, way, setting, number):
        stream = Stream(way, label(setting), number, self.canaries, self.server)
        self._set_globals(setting)
        stream.start = self.position()
        connection = self.server.connect(local_infile=True)
        try:
            with connection.cursor() as cursor:
                stream.run(cursor, f"CREATE DATABASE {stream.db} DEFAULT CHARACTER SET utf8",
                f"CREATE DATABASE {stream.hid} DEFAULT CHARACTER SET utf8", f"USE {stream.db}")
                stream.run(cursor, *self._session(setting), *way.session)
                if way.plant:
                    way.plant(stream, cursor)
                stream.run(cursor, *way.statements)
        finally:
            connection.close()
        stream.end = self.position()
        # So that the source's schema has nothing of it when a relay begins: what a way needs has to come through the stream.
        with self.server.connect() as connection, connection.cursor() as cursor:
            stream.run(cursor, "SET SESSION sql_log_bin=0", f"DROP DATABASE IF EXISTS {stream.hid}", f"DROP DATABASE IF EXISTS {stream.db}")
            stream.run(cursor, *way.clean)
        assert stream.planted, f"way '{way.name}' planted no token"
        return stream

    def position(self):
        what = "BINARY LOG STATUS" if self.server.name == "mysql-9.7" else "MASTER STATUS"
        file, offset = self.server.query(f"SHOW {what}")[0][:2]
        return file, int(offset)

    def _global_settings(self, setting):
        if self.kind.old:
            return (("log_bin_use_v1_row_events", int(setting.get("v1", False))),)
        wanted = [("binlog_row_metadata", setting.get("metadata", "FULL"))]
        if self.kind.mariadb:
            wanted.append(("log_bin_compress", int(setting.get("compress", False))))
        return tuple(wanted)

    def _set_globals(self, setting):
        for name, value in self._global_settings(setting):
            if self._globals.get(name) != value:
                self.server.execute(f"SET GLOBAL {name}={value!r}")
                self._globals[name] = value

    def _session(self, setting):
        yield "SET SESSION sql_mode='NO_ENGINE_SUBSTITUTION'"
        if "image" in setting:
            yield f"SET SESSION binlog_row_image='{setting['image']}'"
        if not self.kind.mariadb:
            yield "SET SESSION binlog_rows_query_log_events=ON"
            if setting.get("compress"):
                yield "SET SESSION binlog_transaction_compression=ON"
