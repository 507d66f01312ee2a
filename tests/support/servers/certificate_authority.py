"""A certificate authority of the tests' own, and the certificates that servers on the loopback show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LOCAL_NAMES: Final = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path
    both: Path
    """One file with key and certificate, which is what HAProxy wants."""


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """An authority that lives as long as the tests; make one with `create`."""

    folder: Path
    certificate: Path
    """What clients trust, as PEM file."""
    _key: ec.EllipticCurvePrivateKey = field(repr=False)
    _name: x509.Name

    @classmethod
    def create(cls, folder: Path, name: str = "Understudy tests") -> CertificateAuthority:
        """A new authority, whose files stand in `folder`."""
        key, subject = ec.generate_private_key(ec.SECP256R1()), _named(name)
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(subject, subject, key.public_key(), lives=timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)  # Python 3.13's default context wants to see it
            .sign(key, hashes.SHA256())
        )
        file = folder / "authority.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return cls(folder, file, key, subject)

    def issue(self, *names: str, lives: timedelta = timedelta(days=1)) -> ServerCertificate:
        """A certificate for `names` (host names and addresses; default: the loopback), valid for `lives` from now.

        A negative `lives` gives one that has expired.
        """
        names = names or LOCAL_NAMES
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = self._key.public_key()
        certificate = (
            _builder(_named(names[0]), self._name, key.public_key(), lives=lives)
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        stem = f"{names[0]}-{certificate.serial_number:x}"
        issued = ServerCertificate(*(self.folder / f"{stem}.{kind}" for kind in ("pem", "key", "both")))
        for file, content in ((issued.certificate, pem), (issued.key, private), (issued.both, private + pem)):
            file.touch(mode=0o600)
            file.write_bytes(content)
        return issued


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, lives: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # An hour back: an expired certificate must begin before it ends.
        .not_valid_before(min(now, now + lives) - timedelta(hours=1))
        .not_valid_after(now + lives)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
