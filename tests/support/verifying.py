"""`binlog-relay verify` in tests: its account at the replica, its call, what it answers."""
import json
import os
import subprocess

from . import process

REPLICA_ACCOUNT, REPLICA_ACCOUNT_PASSWORD = "relay_verify", "verify-pass-1"


def grant_verify(replica, repair=False):
    """What the account needs at the replica; not a row more of its own log."""
    if replica.kind.mariadb:
        privileges, more = "SELECT, REPLICA MONITOR", "INSERT, DELETE, TRIGGER, REPLICATION SLAVE ADMIN, BINLOG ADMIN"
    elif replica.kind.old:
        privileges, more = "SELECT, REPLICATION CLIENT", "INSERT, DELETE, TRIGGER, SUPER"
    else:
        privileges, more = "SELECT, REPLICATION CLIENT", "INSERT, DELETE, TRIGGER, REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN"
    if repair:
        privileges += ", " + more
    replica.execute("SET SESSION sql_log_bin=0")
    replica.create_account(REPLICA_ACCOUNT, REPLICA_ACCOUNT_PASSWORD, privileges)
    replica.execute("SET SESSION sql_log_bin=1")


class Verifier:
    """Compares the replica of a topology with its source."""

    def __init__(self, made):
        self.relay, self.replica = made.relay, made.replica
        self.relay.write_secret("verify.password", REPLICA_ACCOUNT_PASSWORD)
        self.printed = ""

    def arguments(self, *more):
        url = f"mysql://{REPLICA_ACCOUNT}@127.0.0.1:{self.replica.port}/?tls=off&password_file={self.relay.folder / 'verify.password'}"
        return ["--replica", url, *map(str, more)]

    def run(self, *more, code=0, seconds=300):
        """Runs it to its end; returns the answer of --json."""
        done = subprocess.run([self.relay.program, "verify", "-c", self.relay.config, *self.arguments("--json", *more)], check=False,
                              stdin=subprocess.DEVNULL, timeout=process.patient(seconds), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.printed = done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")
        assert done.returncode == code, f"verify ended with {done.returncode}, expected {code}:\n{self.printed}"
        return json.loads(done.stdout) if code in (0, 4) else None

    def text(self, *more, code=0):
        """What it prints for people."""
        done, printed = self.relay.command("verify", *self.arguments(*more))
        assert done == code, printed
        return printed

    def spawn(self, *more):
        with open(os.devnull, "wb") as nowhere:
            return process.spawn([self.relay.program, "verify", "-c", self.relay.config, *self.arguments("--json", *more)],
                                 stdout=nowhere, stderr=nowhere)


def differences(answer):
    """{(table, kind): rows} of rows, {(table, what, name)} of definitions."""
    rows, schema = {}, set()
    for table in answer["tables"]:
        name = f"{table['database']}.{table['table']}"
        for one in table.get("differences", []):
            if one["kind"] == "schema":
                schema.add((name, one["what"], one.get("name", "")))
            else:
                rows[name, one["kind"]] = one["rows"]
    return rows, schema
