"""Key material: what each algorithm of FAPI 2.0 needs, as JSON Web Keys (RFC 7517)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

Key = ECKey | OKPKey | RSAKey
Jwk = dict[str, Any]

# FAPI 2.0 Security Profile §5.4.1: nothing else, and RSA of at least 2048 bits.
ALGORITHMS = ("ES256", "EdDSA", "PS256")
RSA_BITS = 3072


def generate(algorithm: str) -> tuple[Jwk, Jwk]:
    """Return a fresh private JWK and its public one, which has `kid`, `alg` and `use` beside it.

    The `kid` is the key's thumbprint (RFC 7638), so that no two keys share one, and never begins
    with a dash: on a command line it would be read as an option, in the hour when a key has to go.
    A name that is not in `ALGORITHMS` is a `ValueError`.
    """
    key = _fresh(algorithm)
    while key.thumbprint().startswith("-"):
        key = _fresh(algorithm)
    public = {"kid": key.thumbprint(), "alg": algorithm, "use": "sig"}
    return dict(key.as_dict(private=True)), {**key.as_dict(private=False), **public}


def load(jwk: Mapping[str, Any]) -> Key:
    key = JWKRegistry.import_key(dict(jwk))
    if not isinstance(key, ECKey | OKPKey | RSAKey):
        raise TypeError(f"{key.key_type} is no kind of key that signs here.")
    return key


def _fresh(algorithm: str) -> Key:
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256")
        case "EdDSA":
            return OKPKey.generate_key("Ed25519")
        case "PS256":
            return RSAKey.generate_key(RSA_BITS)
    raise ValueError(f"{algorithm} is none of {', '.join(ALGORITHMS)}.")
