"""The relay under test: its configuration, its process, its answers."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

from . import process

SOURCE_USER, SOURCE_PASSWORD = "relay_source", "source-pass-1"
REPLICA_USER, REPLICA_PASSWORD = "cloud_replica", "replica-pass-1"
SOURCE_GRANTS = "REPLICATION SLAVE, REPLICATION CLIENT, SELECT"
_REPORTS = re.compile(r"AddressSanitizer|ThreadSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:|"
                      r"terminate called|Assertion .* failed|stack smashing|double free|corrupted size")
_ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary():
    path = pathlib.Path(os.environ.get("BINLOG_RELAY_BINARY") or _ROOT / "build/release/relay/app/binlog-relay")
    if not path.exists():
        raise RuntimeError(f"{path} is not built: cmake --preset release && cmake --build --preset release")
    return path


def _toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value)


class Relay:
    """One relay in a folder of its own. `source` is a Server, in whose network it stands, or (host, port).

    rules: text of the rule file. program: another build of it than binary(). Keyword `settings` overrides single keys:
    {"spool.sync": "off", "source.start": "latest"}.
    """

    def __init__(self, source, rules, *, settings=None, spool=None, on_disk=False, start=True, program=None):
        self.program = program or binary()
        self.folder = process.temp_folder("relay", on_disk)
        self.port, self.admin_port = process.free_port(), process.free_port()
        self.config = self.folder / "relay.toml"
        self.log = self.folder / "relay.log"
        self.rules_file = self.folder / "rules/rules.toml"
        self.spool = pathlib.Path(spool) if spool else self.folder / "spool"
        self.source = source
        self.network = None if isinstance(source, tuple) else source.network
        self.server_id = process.free_port() + 100000
        self.child = None
        self.expected_ends = set()
        self._peak = 0  # of the processes that have ended
        self._write_files(rules, settings or {})
        if start:
            self.start()

    def _write_files(self, rules, settings):
        self.rules_file.parent.mkdir()
        self.write_rules(rules)
        self.write_secret("source.password", SOURCE_PASSWORD)
        self.write_secret("replica.password", REPLICA_PASSWORD)
        host, port = self.source if isinstance(self.source, tuple) else ("127.0.0.1", self.source.port)
        values = {
            "source.host": host, "source.port": port, "source.user": SOURCE_USER, "source.password_file": "source.password",
            "source.server_id": self.server_id, "source.tls": "preferred", "source.start": "earliest",
            "rules.files": ["rules/*.toml"],
            "spool.directory": str(self.spool), "spool.sync": "off", "spool.prove": True,
            "replicas.listen": f"127.0.0.1:{self.port}", "replicas.tls": "off",
            "admin.listen": f"127.0.0.1:{self.admin_port}",
        }
        values.update(settings)
        sections = {}
        for key, value in values.items():
            if value is not None:
                section, name = key.split(".", 1)
                sections.setdefault(section, []).append(f"{name} = {_toml(value)}")
        text = "\n".join(f"[{section}]\n" + "\n".join(lines) + "\n" for section, lines in sections.items())
        text += f'\n[[replicas.accounts]]\nuser = "{REPLICA_USER}"\npassword_file = "replica.password"\n'
        self.config.write_text(text)

    def write_secret(self, name, text):
        path = self.folder / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    def write_rules(self, text):
        self.rules_file.write_text(text)

    def start(self, seconds=30, wait=True):
        with open(self.log, "ab") as log:
            self.child = process.spawn([self.program, "run", "-c", self.config], self.network, stdout=log, stderr=log)
        if wait:
            process.wait_until(self._listening, seconds, lambda: f"relay listening:\n{process.tail(self.log)}")
        return self

    def _listening(self):
        if self.child.poll() is not None:
            raise AssertionError(f"relay ended with {self.child.returncode} at the start:\n{process.tail(self.log)}")
        return self.http("/health")[0] != 0

    def http(self, path):
        """(status, body); status 0 when nobody listens."""
        return self.network.call(lambda: self._http(path)) if self.network else self._http(path)

    def _http(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=process.patient(10)) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""

    def status(self):
        code, body = self.http("/status")
        assert code == 200, f"/status answered {code}: {body}"
        return json.loads(body)

    def wait_halted(self, seconds=30):
        """Waits until the stream is stopped by the relay itself; returns what /health says about it."""
        def halted():
            code, body = self.http("/health")
            return body if code == 503 else None

        return process.wait_until(halted, seconds, lambda: f"relay halted; /health says {self.http('/health')}\n{process.tail(self.log)}")

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def command(self, name, *arguments, seconds=120):
        """Runs `binlog-relay NAME -c relay.toml ...`; returns (exit code, everything it printed)."""
        prefix = self.network.prefix if self.network else []
        done = subprocess.run([*prefix, self.program, name, "-c", self.config, *arguments], stdin=subprocess.DEVNULL,
                              timeout=process.patient(seconds), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        printed = done.stdout.decode(errors="replace")
        assert not _REPORTS.search(printed), f"binlog-relay {name} printed a crash report:\n{printed}"
        return done.returncode, printed

    def inspect(self, file):
        """What `binlog-relay inspect --json` prints of a file."""
        return subprocess.run([self.program, "inspect", "--json", file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False).stdout.decode(errors="replace")

    def check(self):
        return self.command("check")

    def kill9(self):
        """Kills it, and fails when there was nothing to kill: it must have run up to now."""
        self._remember_peak()
        process.kill(self.child)
        assert self.child.returncode == -signal.SIGKILL, \
            f"the relay had ended with {self.child.returncode} before it was killed:\n{process.tail(self.log)}"

    def stop(self, seconds=30):
        """Ends it as an operator would, and fails when it did not end well."""
        if self.child is None or self.child.returncode is not None:
            return
        self._remember_peak()
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(process.patient(seconds))
        except subprocess.TimeoutExpired:
            process.kill(self.child)
            raise AssertionError(f"relay did not stop in {seconds} s:\n{process.tail(self.log)}") from None

    def assert_healthy(self):
        code, body = self.http("/health")
        assert code == 200, f"/health answered {code}: {body}\n{process.tail(self.log)}"

    def assert_no_crash(self):
        """No sanitizer report, no abort, and the process did not die of a signal that this test did not send."""
        found = _REPORTS.search(self.log_text())
        assert not found, f"the relay's log has a crash report ({found.group(0)}):\n{process.tail(self.log, 80)}"
        ended = None if self.child is None else self.child.poll()
        allowed = {None, 0, 130, -signal.SIGKILL, *self.expected_ends}
        assert ended in allowed, f"relay ended with {ended}:\n{process.tail(self.log, 60)}"

    def spool_files(self):
        """The spool's binlog files in order."""
        return [path for path in sorted(self.spool.rglob("*")) if path.is_file() and _begins_like_a_binlog(path)]

    def peak_memory(self):
        """Peak resident set in bytes, the kernel's own mark: of the running relay and of those that kill9() and stop() ended."""
        self._remember_peak()
        assert self._peak > 0, "no relay was running when its memory was to be measured"
        return self._peak

    def memory_now(self):
        """Resident set in bytes; from here on peak_memory() is the peak of what follows."""
        pathlib.Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")  # proc(5): the mark begins anew
        self._peak = 0
        return self._memory("VmRSS")

    def _memory(self, name):
        text = pathlib.Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", text).group(1)) * 1024

    def _remember_peak(self):
        if self.child is not None and self.child.poll() is None:
            self._peak = max(self._peak, self._memory("VmHWM"))

    def destroy(self):
        if self.child is not None:
            process.kill(self.child)
        if not os.environ.get("BINLOG_RELAY_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)


def _begins_like_a_binlog(path):
    try:
        with open(path, "rb") as file:
            return file.read(4) == b"\xfebin"
    except FileNotFoundError:  # a relay at work removes what it had half made
        return False


def grant_source_account(server):
    """The account that the relay logs in with at the source."""
    server.create_account(SOURCE_USER, SOURCE_PASSWORD, SOURCE_GRANTS)


def follow(replica, relay, gtid=True, file=None, pos=None):
    replica.follow("127.0.0.1", relay.port, REPLICA_USER, REPLICA_PASSWORD, gtid=gtid, file=file, pos=pos)
