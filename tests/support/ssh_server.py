"""A real sshd in the cloud's place: it lets one key in, which may do nothing but listen at one port."""
import contextlib
import os
import pathlib
import pwd
import resource
import shutil
import signal
import subprocess

from . import process

KEEPALIVE = 2  # seconds, made patient


class SshServer:
    """Listens at `port` of `address`, in `network` if it is given; what connects to `remote_port` of that network's loopback comes out of the
    tunnel's other end."""

    def __init__(self, network=None, address="127.0.0.1"):
        self.network, self.address = network, address
        self.folder = process.temp_folder("sshd")
        self.folder.chmod(0o755)  # accounts other than root's read the authorized keys by themselves
        self.port, self.remote_port = process.free_port(), process.free_port()
        self.log = self.folder / "sshd.log"
        # Of an account without a shell, where this one may log in as another.
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8), FILES
        for name in ("host_key", "user_key"):
            self._make_key(name)
        self.let_in()
        self.pin()
        self.configure()
        self.child = None
        self._left = []  # sessions of daemons that are gone
        self.start()

    def _make_key(self, name):
        (self.folder / name).unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self.folder / name], check=True)

    def change_host_key(self):
        """To be followed by a start."""
        self._make_key("host_key")

    def fingerprint(self):
        """"SHA256:...", of the host key."""
        done = subprocess.run(["ssh-keygen", "-l", "-f", self.folder / "host_key.pub"], check=True, stdout=subprocess.PIPE)
        return done.stdout.decode().split()[1]

    def pin(self):
        """Writes the known hosts: this one with the key that it has now."""
        (self.folder / "known_hosts").write_text(f"[{self.address}]:{self.port} " + (self.folder / "host_key.pub").read_text())

    def configure(self, options=""):
        """Writes sshd_config. Of several lines for the same thing sshd takes the first: those of `options`. It looks after its clients as
        docs/deploy.md has it, with the tests' shorter times."""
        (self.folder / "sshd_config").write_text(
            f"{options}\nListenAddress {self.address}\nPort {self.port}\nHostKey {self.folder}/host_key\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n"
            f"MaxSessions 0\nClientAliveInterval {process.patient(KEEPALIVE):.0f}\nClientAliveCountMax 3\n")

    def start(self):
        with open(self.log, "ab") as log:
            self.child = process.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config"], self.network, stdout=log, stderr=log)

    def sessions(self):
        """The processes that serve clients of the daemon that runs."""
        return family(self.child.pid)[1:] if self.child.poll() is None else []

    def descriptors(self):
        """How many a session has open, at most."""
        return max(len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir())) for pid in self.sessions())

    def limit_descriptors(self, most):
        """Of the daemon, and of sessions to come."""
        hard = resource.prlimit(self.child.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.child.pid, resource.RLIMIT_NOFILE, (most, hard))

    def end_daemon(self):
        """Ends what accepts connections, as systemd does: the sessions stay."""
        self._left += self.sessions()
        self.child.terminate()
        self.child.wait()

    def kill_sessions(self, sessions=None):
        """Some of them; all if not told which."""
        self._kill(self.sessions() if sessions is None else sessions)

    def let_in(self, *ports):
        """Writes the account's authorized keys: the one key, which may also connect to these ports there."""
        place = f'"127.0.0.1:{self.remote_port}"'
        opened = "".join(f',permitopen="127.0.0.1:{port}"' for port in ports)
        (self.folder / "authorized_keys").write_text(
            f"restrict,port-forwarding,permitlisten={place},permitopen={place}{opened} " + (self.folder / "user_key.pub").read_text())

    def kill(self):
        """The daemon and every session, at once."""
        sessions = self.sessions() + self._left
        process.kill(self.child)
        self._kill(sessions)
        self._left = []

    @staticmethod
    def _kill(pids):
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):  # one goes when the other does
                os.kill(pid, signal.SIGKILL)

    def section(self, keepalive=KEEPALIVE):
        """What relay.toml says of it."""
        return (f'\n[[tunnels]]\ntype = "ssh"\nhost = "{self.address}"\nport = {self.port}\nuser = "{self.user}"\n'
                f'key_file = "{self.folder}/user_key"\nknown_hosts = "{self.folder}/known_hosts"\n'
                f'remote_listen = "127.0.0.1:{self.remote_port}"\nkeepalive = "{process.patient(keepalive):.0f}s"\n')

    def destroy(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def family(pid):
    """The process and all that it started."""
    members = [pid]
    for member in members:
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                # After the name in parentheses: state, parent's id.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == member:
                members.append(int(folder.name))
    return members
