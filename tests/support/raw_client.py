"""A client of the MySQL protocol that sends what it is told to, right or wrong."""
import hashlib
import socket
import ssl
import struct

PROTOCOL_41, SECURE, PLUGIN, TLS, ATTRIBUTES, COMPRESS = 0x200, 0x8000, 0x80000, 0x800, 0x100000, 0x20
USUAL = 1 | PROTOCOL_41 | SECURE | PLUGIN
NATIVE, SHA2 = "mysql_native_password", "caching_sha2_password"


class Gone(Exception):
    """The server has ended the connection."""


class Refused(Exception):
    def __init__(self, code, text):
        super().__init__(f"{code} {text}")
        self.code, self.text = code, text


def native_proof(password, scramble):
    stage = hashlib.sha1(password.encode()).digest()
    mask = hashlib.sha1(scramble + hashlib.sha1(stage).digest()).digest()
    return bytes(a ^ b for a, b in zip(stage, mask))


def sha2_proof(password, scramble):
    stage = hashlib.sha256(password.encode()).digest()
    mask = hashlib.sha256(hashlib.sha256(stage).digest() + scramble).digest()
    return bytes(a ^ b for a, b in zip(stage, mask))


class RawClient:
    def __init__(self, port, seconds=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.sequence = 0
        greeting = self.read()
        version_end = greeting.index(0, 1)
        self.version = greeting[1:version_end].decode()
        at = version_end + 5
        self.scramble = greeting[at:at + 8] + greeting[at + 27:at + 39]
        self.plugin = greeting[at + 40:].split(b"\0")[0].decode()

    def bytes(self, count):
        data = b""
        while len(data) < count:
            try:
                part = self.socket.recv(count - len(data))
            except (ConnectionError, ssl.SSLError) as error:
                raise Gone(str(error)) from None
            if not part:
                raise Gone("closed")
            data += part
        return data

    def read(self):
        """The next packet; an error packet is raised."""
        head = self.bytes(4)
        packet = self.bytes(int.from_bytes(head[:3], "little"))
        self.sequence = (head[3] + 1) & 0xff
        if packet[:1] == b"\xff":
            text = packet[9:] if packet[3:4] == b"#" else packet[3:]
            raise Refused(struct.unpack_from("<H", packet, 1)[0], text.decode(errors="replace"))
        return packet

    def raw(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionError, ssl.SSLError) as error:
            raise Gone(str(error)) from None

    def send(self, payload, sequence=None):
        number = self.sequence if sequence is None else sequence
        self.raw(len(payload).to_bytes(3, "little") + bytes([number]) + payload)

    def go_secure(self, context, capabilities=USUAL):
        self.send(struct.pack("<IIB23x", capabilities | TLS, 1 << 24, 45))
        self.sequence += 1
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname="relay.example")
        except (OSError, ssl.SSLError) as error:
            raise Gone(str(error)) from None

    def response(self, user, proof, plugin=None, capabilities=USUAL, attributes=b""):
        secure = isinstance(self.socket, ssl.SSLSocket)
        head = struct.pack("<IIB23x", capabilities | (TLS if secure else 0), 1 << 24, 45)
        return head + user.encode() + b"\0" + bytes([len(proof)]) + proof + (plugin or self.plugin).encode() + b"\0" + attributes

    def log_in(self, user, password, plugin=None):
        """As a client does; raises Refused. Inside TLS alone: the whole password is sent in clear where it is asked for."""
        plugin = plugin or self.plugin
        proof = native_proof if plugin == NATIVE else sha2_proof
        self.send(self.response(user, proof(password, self.scramble), plugin))
        while True:
            answer = self.read()
            if answer[:1] == b"\0":
                return answer
            if answer[:1] == b"\xfe":
                name, scramble = answer[1:].split(b"\0", 1)
                self.send((native_proof if name.decode() == NATIVE else sha2_proof)(password, scramble[:20]))
            elif answer == b"\x01\x04":
                self.send(password.encode() + b"\0")

    def close(self):
        self.socket.close()


def context(shown=None, highest=None, ciphers=None):
    """Trusts everybody: what is tried is whom the relay trusts."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if shown:
        made.load_cert_chain(*shown)
    if ciphers:
        made.set_ciphers(ciphers)
    if highest:
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.maximum_version = highest
    return made
