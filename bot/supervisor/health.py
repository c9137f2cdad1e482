"""Asks a part over HTTP whether it is well."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request

# Proxies of the surroundings are not for loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


async def answers(url: str, patience: float = 3.0) -> bool:
    """True when a GET of `url` is answered with a 2xx status within `patience` seconds."""
    return await asyncio.to_thread(_get, url, patience)


def _get(url: str, timeout: float) -> bool:
    try:
        with _OPENER.open(url, timeout=timeout) as response:
            response.read()
            return bool(200 <= response.status < 300)
    except (urllib.error.URLError, OSError, ValueError):
        return False
