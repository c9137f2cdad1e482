"""Stands in for `requests` inside deep-translator: with a time-out, and with texts and keys in no address.

deep-translator waits for ever, and puts what it sends (for DeepL the key too) into the query of the address, where
proxies and servers log it. The services take the same fields as a form.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

AUTH_FIELD: Final = "auth_key"
MOST_BYTES: Final = 400_000


class Transport:
    """The part of `requests` that deep-translator uses. `seconds`: for connecting, and for the whole answer."""

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
        deadline = time.monotonic() + self._seconds
        response = requests.request(
            method, address, timeout=self._seconds, allow_redirects=False, stream=True, **options
        )
        try:
            response._content = _read(response, deadline)
        except ReadTimeoutError as error:
            raise requests.exceptions.ReadTimeout() from error
        except HTTPError as error:
            raise requests.exceptions.ConnectionError() from error
        # What was read is kept as requests keeps it, so that `.json()` and `.text` work.
        response._content_consumed = True
        return response


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body. A time-out of requests is one for each wait: an answer in drops would never end."""
    content = b""
    while part := response.raw.read1(MOST_BYTES, decode_content=True):
        content += part
        if len(content) > MOST_BYTES:
            response.close()
            raise requests.exceptions.RequestException("the answer is too long")
        if time.monotonic() > deadline:
            response.close()
            raise requests.exceptions.ReadTimeout("the answer is too slow")
    return content
