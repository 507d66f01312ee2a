"""Signature version 4A: who calls an API that belongs to no region signs with a key pair made from the secret access key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html, and `aws-c-auth`, whose key derivation it follows: HMAC in
counter mode (NIST SP 800-108) over the access key's ID, then ECDSA on P-256 over a string to sign that names no region. Both
ends make the same key, so this one needs the secret too.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from moto.sts.models import sts_backends

from rehearsal.embedded_aws import ACCESS_KEY_PREFIX, SECRET_KEY

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
AUTHORIZATION = re.compile(
    ALGORITHM + r" Credential=(?P<key>[^/]+)/(?P<scope>[^,]+/aws4_request), "
    r"SignedHeaders=(?P<headers>[^,]+), Signature=(?P<signature>[0-9a-f]+)"
)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"Of P-256's group (FIPS 186-4, D.1.2.3)."
MUST_BE_SIGNED = {"host", "x-amz-date", "x-amz-region-set"}


def problem(environ: Mapping[str, Any], *, path: str, body: bytes, service: str) -> str | None:
    """Return what is wrong with a request's signature, None when it is right. `path` as it came, encoded once."""
    found = AUTHORIZATION.fullmatch(str(environ.get("HTTP_AUTHORIZATION", "")))
    if found is None:
        return f"the request is not signed by {ALGORITHM}"
    headers = found["headers"].split(";")
    if missing := MUST_BE_SIGNED - set(headers):
        return f"not signed: {', '.join(sorted(missing))}"
    if found["scope"].split("/")[1:] != [service, "aws4_request"]:
        return f"signed for {found['scope']}, not for {service}"
    if _header(environ, "x-amz-region-set") != "*":
        return f"signed for the regions {_header(environ, 'x-amz-region-set')}, not for all"
    secret = _secret(
        found["key"], _header(environ, "x-amz-security-token") if "x-amz-security-token" in headers else ""
    )
    if secret is None:
        return "the security token included in the request is invalid"
    try:
        public_key(found["key"], secret).verify(
            bytes.fromhex(found["signature"]),
            _string_to_sign(environ, found["scope"], headers, path, body),
            ec.ECDSA(hashes.SHA256()),
        )
    except InvalidSignature:
        return "the request signature does not match the signature of the key"
    return None


def public_key(access_key_id: str, secret: str) -> ec.EllipticCurvePublicKey:
    """Return the key that signatures of an access key are verified with."""
    for counter in range(1, 255):
        context = ALGORITHM.encode() + b"\0" + access_key_id.encode() + bytes([counter])
        fixed = (1).to_bytes(4, "big") + context + (256).to_bytes(4, "big")
        candidate = int.from_bytes(hmac.digest(f"AWS4A{secret}".encode(), fixed, "sha256"), "big")
        if candidate <= ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1()).public_key()
    raise ValueError(f"no key can be made of {access_key_id}")


def _string_to_sign(environ: Mapping[str, Any], scope: str, headers: list[str], path: str, body: bytes) -> bytes:
    canonical = [
        str(environ["REQUEST_METHOD"]),
        # Encoded once more, as for every service but S3.
        quote(path, safe="/-_.~"),
        "&".join(sorted(str(environ.get("QUERY_STRING") or "").split("&"))),
        *(f"{name}:{' '.join(_header(environ, name).split())}" for name in headers),
        "",
        ";".join(headers),
        hashlib.sha256(body).hexdigest(),
    ]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    return "\n".join((ALGORITHM, _header(environ, "x-amz-date"), scope, digest)).encode()


def _header(environ: Mapping[str, Any], name: str) -> str:
    variable = name.upper().replace("-", "_")
    # WSGI has these two under names of their own.
    prefix = "" if variable in {"CONTENT_TYPE", "CONTENT_LENGTH"} else "HTTP_"
    return str(environ.get(prefix + variable, ""))


def _secret(access_key_id: str, token: str) -> str | None:
    if access_key_id.startswith(ACCESS_KEY_PREFIX):
        return SECRET_KEY
    for regions in list(sts_backends.values()):
        for backend in list(regions.values()):
            for role in list(backend.assumed_roles):
                if role.access_key_id == access_key_id and role.session_token == token:
                    return str(role.secret_access_key)
    return None
