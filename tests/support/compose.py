"""docker-compose.yml under test: a project of its own, its containers, their networks and disks."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pymysql

from . import process, relay

ROOT = pathlib.Path(__file__).resolve().parents[2]
READS_BY_SERVER = {1: "norway", 2: "cloud"}  # server_id of docker/database/*.cnf


def no_engine():
    """Why nothing with containers can be tested here; empty where it can."""
    if os.environ.get("BINLOG_RELAY_NO_DOCKER"):
        return os.environ["BINLOG_RELAY_NO_DOCKER"]
    if os.getuid() != 0:
        return "the tests with containers read what they wrote to the disk, which takes root"
    if shutil.which("docker") is None or _run(["docker", "compose", "version"]).returncode or _run(["docker", "info"]).returncode:
        return "no Docker engine with Compose runs: scripts/docker-base starts one"
    return "" if _is_of_this_machine() else "the Docker engine is of another machine: the tests look at its bridges and disks"


def _is_of_this_machine():
    """Whether a bridge and the folder of the engine show here; with a socket of elsewhere, and with a virtual machine, they do not."""
    name = f"binlog-relay-probe-{os.getpid()}"
    made = _run(["docker", "network", "create", "--internal", name])
    assert made.returncode == 0, made.stdout
    try:
        bridge = pathlib.Path("/sys/class/net/br-" + made.stdout.decode().split()[-1][:12])
        folder = _run(["docker", "info", "--format", "{{.DockerRootDir}}"]).stdout.decode().strip()
        return bridge.exists() and pathlib.Path(folder).is_dir()
    finally:
        _run(["docker", "network", "rm", name])


def _base_images():
    """What DEBIAN of docker-compose.yml is here: scripts/docker-base tags the base images that it makes itself under a name of its own."""
    def all_here(name):
        return _run(["docker", "image", "inspect", f"{name}:bookworm", f"{name}:sid"]).returncode == 0
    return "binlog-relay/debian" if not all_here("debian") and all_here("binlog-relay/debian") else "debian"


def _run(command, **options):
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          **{"stdin": subprocess.DEVNULL, **options})


class Compose:
    """One profile of the compose file, as a project of its own beside any that runs here."""

    def __init__(self, profile, settings):
        self.profile = profile
        self.mariadb, self.tls = "mariadb" in profile, "tls" in profile
        self.project = f"binlog-relay-test-{os.getpid()}"
        self.reads_port = process.free_port()
        self.environment = {**os.environ, "COMPOSE_PROJECT_NAME": self.project, "RELAY_BINARY": "prebuilt", "DEBIAN": _base_images(),
                            "IMAGES": self.project, "NORWAY": f"10.{214 + os.getpid() // 256 % 40}.{os.getpid() % 256}",
                            "READS_PORT": str(self.reads_port), "CHECK_TIME": f"{process.patient(1000):.0f}",
                            "COMPOSE_PROGRESS": "plain", "COMPOSE_ANSI": "never", **settings}
        self.source = "source-mariadb" if self.mariadb else "source"
        self.replica = "replica" + ("-mariadb" if self.mariadb else "") + ("-tls" if self.tls else "")
        self.relay = "relay-tls" if self.tls else "relay"
        self.cloud = [self.replica] if self.tls else [self.replica, "cloud-host"]
        self.folder = process.temp_folder("compose", on_disk=True)
        self.captures = {}

    # Bringing up and taking away

    def compose(self, *arguments, seconds=900):
        # timeout(1) ends what docker has started, too, which would else hold the pipe.
        done = _run(["timeout", "--kill-after=10", process.patient(seconds), "docker", "compose", "--profile", self.profile, *arguments],
                    cwd=ROOT, env=self.environment)
        assert done.returncode == 0, f"docker compose {' '.join(arguments)}:\n{done.stdout.decode(errors='replace')[-5000:]}"
        return done.stdout.decode(errors="replace")

    def up(self):
        """From nothing; what crosses each network is captured from its first packet on."""
        prebuilt = ROOT / "build/docker/binlog-relay"
        prebuilt.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["strip", "-o", prebuilt, relay.binary()], check=True)
        self.compose("build")
        self.compose("create")
        for network in ("border", "reads", "cloud"):
            self._capture(network)
        self.compose("up", "--detach")
        process.wait_until(self.replica_follows, 120, lambda: f"the replica follows:\n{self.describe()}", interval=0.5)

    def _capture(self, network):
        name = self._inspect("network", f"{self.project}_{network}")["Id"][:12]
        file = self.folder / f"{network}.pcap"
        child = process.spawn(["tcpdump", "-i", f"br-{name}", "-U", "-s", "0", "-B", "65536", "-w", file, "-Z", "root"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        line = child.stderr.readline()
        assert b"listening on" in line, line
        self.captures[network] = (child, file)

    def captured(self, network):
        """The bytes that crossed a network up to now."""
        child, file = self.captures[network]
        assert child.poll() is None, "tcpdump has ended"
        os.kill(child.pid, signal.SIGUSR2)  # tcpdump(8): flushes what it has
        return file

    def down(self):
        for child, _ in self.captures.values():
            process.kill(child)
        _run(["timeout", "--kill-after=10", "300", "docker", "compose", "--profile", "*", "down", "--volumes", "--rmi", "all", "--timeout", "0"],
             cwd=ROOT, env=self.environment)
        process.remove_folder(self.folder)

    def describe(self):
        """What containers say, for a failure's report."""
        state = _run(["docker", "compose", "--profile", self.profile, "ps", "--all"], cwd=ROOT, env=self.environment).stdout
        logs = _run(["docker", "compose", "--profile", self.profile, "logs", "--tail", "15"], cwd=ROOT, env=self.environment).stdout
        return (state + logs).decode(errors="replace")

    # Containers

    @staticmethod
    def _inspect(kind, name):
        done = _run(["docker", kind, "inspect", name])
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)[0]

    def container(self, service):
        return self._inspect("container", f"{self.project}-{service}-1")

    def docker(self, command, service, *options):
        done = _run(["docker", command, *options, f"{self.project}-{service}-1"])
        assert done.returncode == 0, done.stdout

    def execute(self, service, *command, **options):
        """(exit code, what it printed) of a command in a container."""
        done = _run(["docker", "exec", *(["-i"] if "input" in options else []), f"{self.project}-{service}-1", *command],
                    **({"stdin": None} if "input" in options else {}), **options)
        return done.returncode, done.stdout.decode(errors="replace")

    def address(self, service, network):
        return self.container(service)["NetworkSettings"]["Networks"][f"{self.project}_{network}"]["IPAddress"]

    def subnet(self, network):
        return self._inspect("network", f"{self.project}_{network}")["IPAM"]["Config"][0]

    def reachable(self, service, targets):
        """Those of the (address, port) that a program in that container can connect to, all tried at once."""
        tries = " ".join(f"(timeout {process.patient(2):.0f} bash -c 'exec 3<>/dev/tcp/{address}/{port}' 2>/dev/null && echo {address} {port}) &"
                         for address, port in targets)
        _, printed = self.execute(service, "bash", "-c", f"{tries} wait")
        return {(address, int(port)) for address, port in (line.split() for line in printed.splitlines())}

    def resolved(self, service, names):
        """Those of the names that a program in that container can resolve."""
        tries = " ".join(f"(timeout {process.patient(2):.0f} getent hosts {name} >/dev/null && echo {name}) &" for name in names)
        return set(self.execute(service, "bash", "-c", f"{tries} wait")[1].split())

    def inside(self, service, *command):
        """A program of this machine in the container's network, with every right on it."""
        return _run(["nsenter", "--net", "--target", self.container(service)["State"]["Pid"], *command])

    @contextlib.contextmanager
    def wire(self, one, other):
        """Joins two containers by a network cable, past the engine's networks; yields the address of each on it."""
        pids = [str(self.container(service)["State"]["Pid"]) for service in (one, other)]
        made = _run(["ip", "link", "add", "wire", "netns", pids[0], "type", "veth", "peer", "name", "wire", "netns", pids[1]])
        assert made.returncode == 0, made.stdout
        addresses = ("192.0.2.1", "192.0.2.2")
        try:
            for service, address in zip((one, other), addresses):
                for command in (["address", "add", f"{address}/24", "dev", "wire"], ["link", "set", "wire", "up"]):
                    done = self.inside(service, "ip", *command)
                    assert done.returncode == 0, done.stdout
            yield addresses
        finally:
            self.inside(one, "ip", "link", "delete", "wire")

    def disk(self, *services):
        """Folders that have all that these containers wrote: their own layer, their log, their volumes but the secrets."""
        folders = []
        for service in services:
            container = self.container(service)
            folders += [container["GraphDriver"]["Data"]["UpperDir"], str(pathlib.Path(container["LogPath"]).parent)]
            folders += [mount["Source"] for mount in container["Mounts"] if mount["Type"] == "volume"]
        return sorted(set(folders))

    def secrets(self, service):
        """The folder of its keys and passwords; of "authority", of the authority's."""
        name = service if service == "authority" else f"{service}-secrets"
        return pathlib.Path(self._inspect("volume", f"{self.project}_{name}")["Mountpoint"])

    def secret(self, service, name):
        return (self.secrets(service) / name).read_text().strip()

    def write_secret(self, service, name, text, like=None):
        """At once, and with the owner and mode of the old one, or of the one that it is like."""
        folder = self.secrets(service)
        new, old = folder / f"{name}.new", (folder / (like or name)).stat()
        new.write_text(text)
        os.chown(new, old.st_uid, old.st_gid)
        new.chmod(old.st_mode)
        new.rename(folder / name)

    # Databases

    def sql(self, service, text, seconds=600):
        """Runs statements as root over the server's own socket; returns rows of texts."""
        client = "mariadb" if self.mariadb else "mysql"
        code, printed = self.execute(service, client, "--batch", "--skip-column-names", "--default-character-set=utf8mb4",
                                     input=text.encode(), timeout=process.patient(seconds))
        assert code == 0, f"{text[:300]}: {printed[-2000:]}"
        return [line.split("\t") for line in printed.splitlines()]

    def replica_status(self):
        client = "mariadb" if self.mariadb else "mysql"
        code, printed = self.execute(self.replica, client, "-E", "-e", "SHOW REPLICA STATUS")
        return dict(line.lstrip().split(": ", 1) for line in printed.splitlines() if ": " in line) if code == 0 else {}

    def replica_follows(self):
        state = self.replica_status()
        return all(state.get(f"{word}_{thread}_Running") == "Yes" for word in ["Slave" if self.mariadb else "Replica"] for thread in ("IO", "SQL"))

    def restart_replica(self, changes=""):
        """Stops and starts replication; between these it may be told to follow elsewhere."""
        word = "SLAVE" if self.mariadb else "REPLICA"
        self.sql(self.replica, f"STOP {word}; {changes} START {word};")

    def change_account(self, user, password):
        """The account by which the replica logs in at the relay."""
        change, word = ("CHANGE MASTER", "MASTER") if self.mariadb else ("CHANGE REPLICATION SOURCE", "SOURCE")
        self.restart_replica(f"{change} TO {word}_USER='{user}', {word}_PASSWORD='{password}';")

    def gtids(self, service):
        variable = "gtid_current_pos" if self.mariadb else "gtid_executed"
        return "".join(self.sql(service, f"SELECT @@global.{variable}")[0]).replace("\\n", "")

    def wait_caught_up(self, seconds=120):
        goal = self.gtids(self.source)
        process.wait_until(lambda: self.gtids(self.replica) == goal, seconds,
                           lambda: f"the replica has {goal}: it has {self.gtids(self.replica)}, {self.replica_status()}\n{self.describe()}")

    # Reads through HAProxy

    def reader(self, patience=2):
        """A connection of an application in Norway, through HAProxy; it waits so many seconds for an answer."""
        patience = process.patient(patience)
        return pymysql.connect(host="127.0.0.1", port=self.reads_port, user="reader", password=self.secret("haproxy", "reader.password"),
                               connect_timeout=patience, read_timeout=patience, ssl={"check_hostname": False, "verify_mode": "none"})

    def read(self, patience=2):
        """Which country answers a new connection; None when none does."""
        try:
            connection = self.reader(patience)
        except (pymysql.err.MySQLError, OSError):
            return None
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT @@server_id")
                return READS_BY_SERVER[cursor.fetchone()[0]]
        except (pymysql.err.MySQLError, OSError):
            return None
        finally:
            try:
                connection.close()
            except (pymysql.err.MySQLError, OSError):
                pass

    def haproxy_statistic(self, server, name):
        """Of "backend/server", from HAProxy's own socket: the columns of its management guide, 9.1."""
        with socket.socket(socket.AF_UNIX) as admin:
            admin.settimeout(5)
            admin.connect(f"/proc/{self.container('haproxy')['State']['Pid']}/root/run/haproxy/admin.sock")
            admin.sendall(b"show stat\n")
            lines = b"".join(iter(lambda: admin.recv(65536), b"")).decode().splitlines()
        column = lines[0].lstrip("# ").split(",").index(name)
        return next(line.split(",")[column] for line in lines if line.startswith(server.replace("/", ",") + ","))

    def haproxy_state(self, server):
        """UP or DOWN."""
        return self.haproxy_statistic(server, "status").split()[0]

    def wait_for_server(self, server, state, seconds):
        process.wait_until(lambda: self.haproxy_state(server) == state, seconds, lambda: f"{server} is {state}\n{self.describe()}")

    def alerts(self):
        code, printed = self.execute("syslog", "cat", "/var/log/alerts")
        return printed.splitlines() if code == 0 else []
