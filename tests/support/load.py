"""Loading snapshots into a replica by `binlog-relay load` and `snapshot --to`."""
import os
import re
import subprocess

LOAD_USER, LOAD_PASSWORD = "relay_load", "load-pass-1"


def grant_load(replica, follows=True):
    """The account that loads; `follows`: it may also say where the replica follows."""
    if replica.kind.mariadb:
        privileges, more = "BINLOG ADMIN", ", REPLICATION SLAVE ADMIN, SLAVE MONITOR, BINLOG MONITOR, RELOAD, PROCESS"
    elif replica.kind.old:
        privileges, more = "SUPER", ", RELOAD, REPLICATION CLIENT, REPLICATION SLAVE, PROCESS"
    else:
        privileges = "SESSION_VARIABLES_ADMIN"
        more = ", REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, REPLICATION CLIENT, REPLICATION SLAVE, RELOAD, PROCESS"
    tables = "SELECT, INSERT, CREATE, ALTER, INDEX, DROP, REFERENCES, "
    replica.execute("SET SESSION sql_log_bin = 0")
    replica.create_account(LOAD_USER, LOAD_PASSWORD, tables + privileges + (more if follows else ""))
    replica.execute("SET SESSION sql_log_bin = 1")


class Load:
    """One replica to load into, by TCP."""

    def __init__(self, relay, replica, port=None):
        self.relay, self.replica = relay, replica
        self.url = f"mysql://{LOAD_USER}@127.0.0.1:{port or replica.port}/?password_env=LOAD_PASSWORD"
        self.printed = ""
        self._log = None
        os.environ["LOAD_PASSWORD"] = LOAD_PASSWORD

    @property
    def start(self):
        """What source.start is to say, as it was printed."""
        return re.findall(r'^  start = "(.*)"$', self.printed, re.M)[-1]

    def snapshot(self, *arguments, code=0, seconds=300):
        return self._run("snapshot", ["--to", self.url, *arguments], code, seconds)

    def load(self, folder, *arguments, code=0, seconds=300):
        return self._run("load", [folder, "--to", self.url, *arguments], code, seconds)

    def spawn(self, command, *arguments):
        """Begins a load that the test will end or wait for; what it says is output()."""
        self._log = self.relay.folder / "load.log"
        prefix = self.relay.network.prefix if self.relay.network else []
        with open(self._log, "wb") as log:
            return subprocess.Popen([*prefix, self.relay.program, command, "-c", self.relay.config, "--to", self.url, *arguments],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def output(self):
        return self._log.read_text(errors="replace")

    def _run(self, command, arguments, code, seconds):
        done, self.printed = self.relay.command(command, *arguments, seconds=seconds)
        assert done == code, f"{command} ended with {done}, expected {code}:\n{self.printed}"
        return self
