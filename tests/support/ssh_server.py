"""A real sshd in the cloud's place: it lets one key in, which may do nothing but listen at one port."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess

from . import process


class SshServer:
    """Listens at `port`; what connects to `remote_port` of this machine comes out of the tunnel's other end."""

    def __init__(self):
        self.folder = process.temp_folder("sshd")
        self.folder.chmod(0o755)  # accounts other than root's read the authorized keys by themselves
        self.port, self.remote_port = process.free_port(), process.free_port()
        self.log = self.folder / "sshd.log"
        # Of an account without a shell, where this one may log in as another.
        self.user = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            pathlib.Path("/run/sshd").mkdir(exist_ok=True)  # sshd(8), FILES
        for name in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self.folder / name], check=True)
        self.let_in()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} " + (self.folder / "host_key.pub").read_text())
        (self.folder / "sshd_config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {self.folder}/host_key\n"
            f"AuthorizedKeysFile {self.folder}/authorized_keys\nPidFile none\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n")
        self.child = None
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.child = process.spawn(["/usr/sbin/sshd", "-D", "-e", "-f", self.folder / "sshd_config"], stdout=log, stderr=log)

    def let_in(self):
        """Writes the account's authorized keys: the one key."""
        (self.folder / "authorized_keys").write_text(
            f'restrict,port-forwarding,permitlisten="127.0.0.1:{self.remote_port}",permitopen="127.0.0.1:{self.remote_port}" ' + (self.folder / "user_key.pub").read_text())

    def kill(self):
        """The daemon and every session of it, at once."""
        for pid in reversed(family(self.child.pid)):
            with contextlib.suppress(ProcessLookupError):  # one goes when the other does
                os.kill(pid, signal.SIGKILL)
        self.child.wait()

    def section(self):
        """What relay.toml says of it."""
        return (f'\n[[tunnels]]\ntype = "ssh"\nhost = "127.0.0.1"\nport = {self.port}\nuser = "{self.user}"\n'
                f'key_file = "{self.folder}/user_key"\nknown_hosts = "{self.folder}/known_hosts"\n'
                f'remote_listen = "127.0.0.1:{self.remote_port}"\nkeepalive = "2s"\n')

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
