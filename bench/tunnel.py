"""Starts the ways a byte can take out of the country, ours and others', and measures them in turn. Run by bench/tunnel."""
import argparse
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import process, ssh_server  # noqa: E402
from support.certificates import Authority  # noqa: E402

OURS = {"1.10": ROOT / "build/release/bench/bench_tunnel", "1.11": ROOT / "build/libssh2-1.11/bench/bench_tunnel"}
SLOWEST = 2  # MB/s; a way that is slower has failed
TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pids):
    """Processor time that these processes have used so far, user and system."""
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # proc(5), utime and stime
    return ticks / TICKS


class Way:
    """One way from a source of bytes to the port that a client drains. `sender` is the process that encrypts."""

    def __init__(self, name, port, sender, *, host=None, source=None, drain=()):
        self.name, self.port, self.sender, self.host, self.source, self.drain = name, port, sender, host, source, drain
        self.rates, self.costs = [], []

    def _groups(self):
        # Asked anew each time: sshd has a process for each session.
        return [[self.sender.pid], ssh_server.family(self.host.child.pid) if self.host else [], [self.source.pid] if self.source else []]

    def measure(self, megabytes):
        groups = self._groups()
        before = [seconds_of(group) for group in groups]
        done = subprocess.run([OURS["1.10"], "drain", "--port", str(self.port), "--megabytes", str(megabytes), *self.drain],
                              stdout=subprocess.PIPE, check=True, timeout=60 + megabytes / SLOWEST)
        after = [seconds_of(group) for group in groups]
        self.rates.append(megabytes / float(done.stdout))
        self.costs.append([(late - early) * 1000 / megabytes for early, late in zip(before, after)])


class Run:
    def __init__(self, megabytes):
        self.folder = process.temp_folder("bench", on_disk=True)  # a gigabyte of spool for each relay
        self.megabytes = megabytes
        self.hosts, self.senders, self.facts = [], [], []
        self.source_port = process.free_port()
        self.source = self._start([OURS["1.10"], "source", "--port", self.source_port])

    def _start(self, arguments, **options):
        self.senders.append(process.spawn(arguments, env={**os.environ, "TMPDIR": str(self.folder)}, **options))
        return self.senders[-1]

    def _host(self):
        self.hosts.append(ssh_server.SshServer())
        host = self.hosts[-1]
        process.wait_until(lambda: _answers(host.port), 10, "sshd answers")
        return host, ["--ssh-port", host.port, "--remote-port", host.remote_port, "--user", host.user, "--key", host.folder / "user_key",
                      "--known-hosts", host.folder / "known_hosts"]

    def bare(self, library, cipher=""):
        host, options = self._host()
        sender = self._start([OURS[library], "bare", *options, *(["--ciphers", cipher] if cipher else [])], stdout=subprocess.PIPE)
        self.facts.append("bare: " + sender.stdout.readline().decode().strip())
        return Way(f"bare libssh2 {library}" + (", " + cipher.partition("@")[0] if cipher else ""), host.remote_port, sender, host=host)

    def tunnel(self, library):
        host, options = self._host()
        sender = self._start([OURS[library], "tunnel", "--port", self.source_port, *options])
        return self._open(Way(f"tunnel, libssh2 {library}", host.remote_port, sender, host=host, source=self.source))

    def relay(self, library):
        host, options = self._host()
        sender = self._start([OURS[library], "relay", "--port", process.free_port(), "--megabytes", self.megabytes + 50, *options])
        return self._open(Way(f"relay, libssh2 {library}", host.remote_port, sender, host=host, drain=["--replica"]))

    def openssh(self, cipher, mac=""):
        host, _ = self._host()
        sender = self._start(["ssh", "-N", "-F", "none", "-R", f"127.0.0.1:{host.remote_port}:127.0.0.1:{self.source_port}", "-c", cipher,
                              *(["-m", mac] if mac else []), "-p", host.port, "-i", host.folder / "user_key", "-o", f"UserKnownHostsFile={host.folder}/known_hosts",
                              "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes", f"{host.user}@127.0.0.1"])
        return self._open(Way(f"`ssh -R`, {cipher.partition('@')[0]}", host.remote_port, sender, host=host, source=self.source))

    def tls(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("relay", "relay.example", "relay.example")
        ports = [process.free_port() for _ in range(3)]
        configuration = self.folder / "stunnel.conf"
        configuration.write_text(f"foreground = yes\npid =\ndebug = 3\n[zeros]\naccept = 127.0.0.1:{ports[0]}\nconnect = 127.0.0.1:{self.source_port}\n"
                                 f"cert = {certificate}\nkey = {key}\nsslVersionMin = TLSv1.3\n")
        stunnel = self._start(["stunnel", configuration])
        files = ["--certificate", certificate, "--certificate-key", key]
        ours = self._start([OURS["1.10"], "tls", "--port", ports[1], "--source", self.source_port, *files])
        relay = self._start([OURS["1.10"], "relay", "--port", ports[2], "--megabytes", self.megabytes + 50, *files])
        return [self._open(way) for way in (
            Way("`stunnel`", ports[0], stunnel, source=self.source, drain=["--tls"]),
            Way("TLS stream", ports[1], ours, source=self.source, drain=["--tls"]),
            Way("relay with TLS", ports[2], relay, drain=["--tls", "--replica"]))]

    def _open(self, way):
        process.wait_until(lambda: _answers(way.port), 60, f"{way.name} listens")
        return way

    def end(self):
        for sender in self.senders:
            sender.terminate()
        for host in self.hosts:
            host.destroy()
        for sender in self.senders:
            # A tunnel waits for nothing; those that know no end are killed.
            try:
                sender.wait(5)
            except subprocess.TimeoutExpired:
                process.kill(sender)


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def spread(values, form="{:.2f}"):
    values = sorted(values)
    return f"{form.format(statistics.median(values))} ({form.format(values[0])}-{form.format(values[-1])})"


def print_table(ways, yardstick):
    print(f"\n| way | MB/s | share of {yardstick.name}'s | sender, cpu s per GB | sshd | source |\n|---|---|---|---|---|---|")
    for way in ways:
        ratios = [ours / theirs for ours, theirs in zip(way.rates, yardstick.rates)]
        costs = [spread(column) if has else "" for column, has in zip(zip(*way.costs), (True, way.host, way.source))]
        print(f"| {way.name} | {spread(way.rates, '{:.0f}')} | {'1' if way is yardstick else spread(ratios)} | " + " | ".join(costs) + " |")


def main():
    parser = argparse.ArgumentParser(prog="bench/tunnel", description="Measures the ways out, interleaved, and prints medians (min-max).")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--megabytes", type=int, default=1000, help="that a client drains from each way in each round")
    options = parser.parse_args()
    run = Run(options.megabytes)
    try:
        tables = [
            [run.bare("1.10"), run.bare("1.10", "aes256-ctr"), run.tunnel("1.10"), run.relay("1.10")],
            [run.openssh("aes128-gcm@openssh.com"), run.openssh("aes128-ctr", "hmac-sha2-256"), run.bare("1.11", "aes128-gcm@openssh.com"), run.bare("1.11"),
             run.tunnel("1.11"), run.relay("1.11")],
            run.tls(),
        ]
        ways = [way for table in tables for way in table]
        for way in ways:
            way.measure(max(options.megabytes // 20, 1))
            way.rates.clear()
            way.costs.clear()
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
            for way in ways:
                way.measure(options.megabytes)
    finally:
        run.end()
    # docs/performance.md takes this as it is.
    model = next(line.partition(":")[2].strip() for line in open("/proc/cpuinfo", encoding="ascii") if line.startswith("model name"))
    print(f"{options.rounds} rounds of {options.megabytes} MB; {os.cpu_count()} cores, {model}, Linux {platform.release()}; median (min-max)\n")
    for fact in run.facts:
        print(f"- {fact}")
    for table in tables:
        print_table(table, table[0])


main()
