"""A way to a server that a test can bend: packets that vanish, answers that vanish, certificates that do not hold.

Invariant: what is on its way when the trouble ends stays stuck, as on a real network: only its own time-out ends it.
"""

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK = 65536


@dataclass
class Wire:
    """Carries connections to `origin`. swallows: "" for none, "everything" or "answers" of what is sent now."""

    origin: str
    identity: Path | None = None  # certificate and key, for a way that is encrypted up to here
    swallows: str = ""
    port: int = 0
    _listener: socket.socket | None = None
    _open: set[socket.socket] = field(default_factory=set)

    def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def end(self) -> None:
        if self._listener is not None:
            self._listener.close()
        self.drop()

    def drop(self) -> None:
        """Every connection ends: whoever comes again meets what holds now."""
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.clear()

    def identify_by(self, identity: Path) -> None:
        self.identity = identity
        self.drop()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        with suppress(OSError):
            if self.identity is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.identity)
                client = context.wrap_socket(client, server_side=True)
            target = urlsplit(self.origin)
            server = socket.create_connection((target.hostname or "", target.port or 80))
            self._open |= {client, server}
            threading.Thread(target=self._pump, args=(server, client, "answers"), daemon=True).start()
            self._pump(client, server, "requests")

    def _pump(self, source: socket.socket, target: socket.socket, what: str) -> None:
        stuck = False
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                stuck = stuck or self.swallows in ("everything", what)
                if not stuck:
                    target.sendall(chunk)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            self._open.discard(one)


@contextmanager
def wire(origin: str, identity: Path | None = None) -> Iterator[Wire]:
    built = Wire(origin, identity)
    built.start()
    try:
        yield built
    finally:
        built.end()


class Authority:
    """Makes certificates; `bundle` is what a client has to trust for them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        mine = self._signed(self.name, self.key.public_key(), self.key, begins=-1, ends=30)
        mine = mine.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.bundle = directory / "authority.pem"
        self.bundle.write_bytes(mine.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def identity(self, name: str, *, host: str = "localhost", begins: int = -1, ends: int = 30) -> Path:
        """A file with certificate and key. begins, ends: days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        unsigned = self._signed(subject, key.public_key(), self.key, begins=begins, ends=ends)
        unsigned = unsigned.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        certificate = unsigned.sign(self.key, hashes.SHA256())
        path = self.directory / f"{name}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
        return path

    def _signed(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        by: ec.EllipticCurvePrivateKey,
        *,
        begins: int,
        ends: int,
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + dt.timedelta(days=begins))
            .not_valid_after(now + dt.timedelta(days=ends))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        )
