"""Problem details (RFC 9457): every error of the API in one shape, with a stable `code`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from starlette.responses import JSONResponse

ProblemCode = Literal[
    "body_not_json",
    "text_not_unicode",
    "body_too_large",
    "media_type_unsupported",
    "body_not_object",
    "field_unknown",
    "field_type",
    "text_empty",
    "text_too_long",
    "language_unknown",
    "location_invalid",
    "payload_malformed",
    "payload_unknown_name",
    "payload_unknown_key",
    "payload_missing_key",
    "payload_unknown_value",
    "answer_unknown",
    "session_invalid",
    "session_expired",
    "rate_limited",
    "overloaded",
    "answer_unavailable",
    "not_found",
    "method_not_allowed",
    "internal_error",
]

PROBLEMS: Final[Mapping[ProblemCode, tuple[int, str]]] = {
    "body_not_json": (400, "The request body is not JSON"),
    "text_not_unicode": (400, "The request holds characters that are not valid Unicode"),
    "body_too_large": (413, "The request body is too large"),
    "media_type_unsupported": (415, "The request body must be application/json"),
    "body_not_object": (422, "The request body must be a JSON object"),
    "field_unknown": (422, "The request has a field the API does not know"),
    "field_type": (422, "A field of the request has the wrong type"),
    "text_empty": (422, "The message is empty"),
    "text_too_long": (422, "The message is too long"),
    "language_unknown": (422, "The language is not offered"),
    "location_invalid": (422, "The location is not valid"),
    "payload_malformed": (422, "The payload cannot be read"),
    "payload_unknown_name": (422, "The payload is not known"),
    "payload_unknown_key": (422, "The payload is not known"),
    "payload_missing_key": (422, "The payload is incomplete"),
    "payload_unknown_value": (422, "The payload is not known"),
    "answer_unknown": (422, "There is no such answer in this conversation"),
    "session_invalid": (422, "The session token is not valid"),
    "session_expired": (422, "The session has expired"),
    "rate_limited": (429, "Too many messages"),
    "overloaded": (503, "The guide is busy"),
    "answer_unavailable": (503, "The guide cannot answer at the moment"),
    "not_found": (404, "There is nothing at this address"),
    "method_not_allowed": (405, "The method is not allowed here"),
    "internal_error": (500, "Something went wrong"),
}
"""Status and title of every code. Texts are English, for the developers of clients; residents never see them."""

TYPE_PREFIX: Final = "urn:yokohama-resident-guide:problem:"
MEDIA_TYPE: Final = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the RFC's word
    """An error to answer with. `extra` becomes members of the document, `headers` of the response."""

    def __init__(
        self,
        code: ProblemCode,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.code: ProblemCode = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return PROBLEMS[self.code][0]

    def document(self) -> dict[str, object]:
        """The members of the problem document."""
        status, title = PROBLEMS[self.code]
        return {
            "type": f"{TYPE_PREFIX}{self.code}",
            "title": title,
            "status": status,
            "detail": self.detail,
            "code": self.code,
            **self.extra,
        }

    def response(self) -> JSONResponse:
        """The problem as a response."""
        return JSONResponse(self.document(), self.status, headers=self.headers, media_type=MEDIA_TYPE)


def rate_limited(seconds: float) -> Problem:
    """Too many messages; try again in so many seconds."""
    wait = max(1, int(-(-seconds // 1)))
    return Problem(
        "rate_limited",
        f"Too many messages in a short time. Try again in {wait} s.",
        headers={"Retry-After": str(wait)},
        retry_after=wait,
    )
