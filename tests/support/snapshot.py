"""Snapshots: making them, reading their manifest, loading them as an operator would."""
import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess

from . import flavours, process
from .relay import SOURCE_USER

WHO = f"'{SOURCE_USER}'@'%'"
INSERTS = "*.sql.zst"


def grant_snapshot(server):
    """What the account needs besides SOURCE_GRANTS to make snapshots and to be in nobody's way."""
    if server.kind.mariadb:
        privileges = "RELOAD, BINLOG ADMIN"
    elif server.kind.old:
        privileges = "RELOAD, PROCESS"
    else:
        privileges = "LOCK TABLES, BACKUP_ADMIN, XA_RECOVER_ADMIN"
    server.execute(f"GRANT {privileges} ON *.* TO {WHO}")


class Snapshot:
    """One folder that `binlog-relay snapshot` writes to."""

    def __init__(self, relay):
        self.relay = relay
        self.folder = process.temp_folder("snapshot") / "made"
        self.printed = ""

    def make(self, *arguments, code=0, seconds=120):
        done, self.printed = self.relay.command("snapshot", "--output", self.folder, *arguments, seconds=seconds)
        assert done == code, f"snapshot ended with {done}, expected {code}:\n{self.printed}"
        return self

    @property
    def manifest(self):
        return json.loads((self.folder / "manifest.json").read_text())

    def table(self, name):
        return next(table for table in self.manifest["tables"] if f"{table['database']}.{table['table']}" == name)

    def files(self):
        """The names of the files with rows, as the manifest has them; each is there, and is what it says."""
        records = [file for table in self.manifest["tables"] for file in table["files"]]
        for record in records:
            data = (self.folder / record["file"]).read_bytes()
            assert len(data) == record["bytes"] and hashlib.sha256(data).hexdigest() == record["sha256"], record
        names = {record["file"] for record in records}
        assert names | {"manifest.json", "schema.sql", "indexes.sql"} == {path.name for path in self.folder.iterdir()}
        return sorted(names)

    def sql(self):
        """All of the SQL."""
        parts = [(self.folder / name).read_bytes() for name in ("schema.sql", "indexes.sql")]
        parts += [self.file(name) for name in self.files()]
        return b"".join(parts)

    def file(self, name):
        """The SQL of one file with rows."""
        return subprocess.run(["zstd", "-dcq", self.folder / name], stdout=subprocess.PIPE, check=True).stdout

    def load(self, server):
        """Into a server's tables, by the lines of docs/snapshot.md."""
        self.files()
        text = (pathlib.Path(__file__).parents[2] / "docs/snapshot.md").read_text()
        lines = re.search(r"^set -e -o pipefail\n(load\(\).*\n)(.*\n)(for .*\n)(.*\n)", text, re.M).group(0)
        # 5.6 brings no client.
        folder = flavours.flavour("mariadb-10.11").folder if server.kind.old else server.kind.folder
        client = f"{shlex.quote(str(folder / 'bin/mysql'))} --socket={shlex.quote(str(server.socket))} --user=root"
        script = f'mysql() {{ {client} "$@"; }}\n' + lines.replace("DIR", shlex.quote(str(self.folder)))
        done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode == 0, f"{server.name} refused the snapshot: {done.stdout[:500]!r}"

    def set_position(self, replica):
        """Tells a replica that has no GTID of its own what it has."""
        gtids = self.manifest["position"]["gtids"]
        if replica.kind.mariadb:
            replica.execute(f"SET GLOBAL gtid_slave_pos='{gtids}'")
            return
        replica.execute("RESET MASTER" if replica.kind.old else "RESET BINARY LOGS AND GTIDS")
        replica.execute(f"SET GLOBAL gtid_purged='{gtids}'")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
