"""Stands in for `requests` inside deep-translator: with a time-out, and with texts and keys in no address.

deep-translator waits for ever, and puts what it sends (for DeepL the key too) into the query of the address, where
proxies and servers log it. The services take the same fields as a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import requests

exceptions = requests.exceptions

AUTH_FIELD: Final = "auth_key"
MOST_BYTES: Final = 400_000


class Transport:
    """The part of `requests` that deep-translator uses. `seconds`: for connecting, and for each wait for bytes."""

    exceptions = requests.exceptions

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get(self, address: str, params: Mapping[str, Any] | None = None, **options: Any) -> requests.Response:
        """A GET without fields; with fields a POST of them as a form."""
        if params is None:
            return self._send("GET", address, **options)
        return self.post(address, params=params, **options)

    def post(self, address: str, params: Mapping[str, Any] | None = None, **options: Any) -> requests.Response:
        """A POST. Fields stay in the address only where the body is JSON (they hold languages then, no text)."""
        if "json" in options:
            return self._send("POST", address, params=params, **options)
        fields = dict(params or {})
        headers = dict(options.pop("headers", None) or {})
        if key := fields.pop(AUTH_FIELD, None):
            headers["Authorization"] = f"DeepL-Auth-Key {key}"
        return self._send("POST", address, data=fields, headers=headers, **options)

    def _send(self, method: str, address: str, **options: Any) -> requests.Response:
        response = requests.request(
            method, address, timeout=self._seconds, allow_redirects=False, stream=True, **options
        )
        content = response.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(content) > MOST_BYTES:
            response.close()
            raise requests.exceptions.ContentDecodingError("the answer is too long")
        # What was read is kept as requests keeps it, so that `.json()` and `.text` work.
        response._content = content
        response._content_consumed = True
        return response
