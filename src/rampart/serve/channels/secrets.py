"""Secrets of channels: in a file of their own or in the environment, never in site.toml, which the journal keeps."""

import os
from pathlib import Path

from rampart.errors import ConfigError


def secret_of(file: str | None, variable: str | None, base: Path, where: str) -> str | None:
    """Return a secret from a file (relative to `base`) or a variable; None where neither is named.

    Raises ConfigError, which never shows the secret.
    """
    if file is not None and variable is not None:
        raise ConfigError(where, "a secret from a file or from the environment, not both")
    if variable is not None:
        secret = os.environ.get(variable, "")
        if not secret:
            raise ConfigError(f"{where}_env", "a variable of the environment that is set", variable)
        return secret
    if file is None:
        return None
    try:
        secret = (base / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise ConfigError(f"{where}_file", f"a readable file with the secret ({reason})", file) from error
    if not secret:
        raise ConfigError(f"{where}_file", "a file with a secret in it; this is empty", file)
    return secret
