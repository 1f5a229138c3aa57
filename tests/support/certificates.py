"""Certificates of a small authority, made by openssl."""
import ipaddress
import subprocess


def _alternative(name):
    try:
        return f"IP:{ipaddress.ip_address(name)}"
    except ValueError:
        return f"DNS:{name}"


class Authority:
    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        self.certificate, self.key, self.revoked = folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}.crl"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out",
                      self.certificate, "-days", "30", "-subj", f"/CN={name}")
        self.database = folder / f"{name}.index"
        self.database.write_text("")
        self.config = folder / f"{name}.cnf"
        self.config.write_text(f"[ca]\ndefault_ca=a\n[a]\ndatabase={self.database}\ndefault_md=sha256\ndefault_crl_days=20\n")
        self.write_revoked()

    @classmethod
    def existing(cls, folder, certificate, key):
        """One that was made elsewhere: it issues, and revokes nothing."""
        authority = cls.__new__(cls)
        authority.folder, authority.certificate, authority.key = folder, certificate, key
        return authority

    def _openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")

    def issue(self, name, common_name, *names, days=30):
        """(certificate, key); days below zero: it has ended."""
        certificate, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        extensions = self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=" + ",".join(map(_alternative, names)) + "\n" if names else "")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj",
                      f"/CN={common_name}")
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-out", certificate,
                      "-days", str(days), "-extfile", extensions)
        return certificate, key

    def self_signed(self, name, common_name):
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                      "-days", "30", "-subj", f"/CN={common_name}")
        return certificate, key

    def revoke(self, certificate):
        self._openssl("ca", "-config", self.config, "-keyfile", self.key, "-cert", self.certificate, "-revoke", certificate)
        self.write_revoked()

    def write_revoked(self):
        self._openssl("ca", "-config", self.config, "-keyfile", self.key, "-cert", self.certificate, "-gencrl", "-out", self.revoked)
