"""The chat page at `/`: made on the server, works without JavaScript, and never loses what was typed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

import structlog
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.gateway.context import Context, context
from bot.gateway.conversations import Entry
from bot.gateway.languages import is_offered, negotiate
from bot.gateway.message_request import check_message
from bot.gateway.page_view import Item, View, display, items_of, render_answer, render_error, render_page
from bot.gateway.problems import Problem
from bot.gateway.request_body import read_limited
from bot.gateway.session_tokens import SessionError
from bot.i18n import text

log = structlog.get_logger(__name__)

COOKIE: Final = "guide_session"
# Percent-encoded text is up to nine times as long; a text that is too long must still come back to the visitor.
_FORM_FACTOR: Final = 8
_MOST_FIELDS: Final = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is looking: the session's id, whether the browser brought it, and the page's language."""

    session_id: str
    known: bool
    language: str
    chosen: bool


async def show(request: Request) -> Response:
    """`GET /`: the conversation so far."""
    visit = await _visit(request)
    return await _page(request, visit)


async def ask(request: Request) -> Response:
    """`POST /ask`: a question or a tapped reply; afterwards the browser gets the page again."""
    gateway = context(request)
    visit = await _visit(request)
    draft = ""
    try:
        gateway.limit_address(request)
        form = await _form(request)
        draft = form.get("text", "")
        if not _own_form(request, visit, form):
            return await _page(request, visit, status=403, draft=draft, error_key="page.error.form_stale")
        payload = form.get("payload") or None
        incoming = check_message("" if payload else draft, gateway.rules, payload=payload)
        await gateway.limit_session(visit.session_id, incoming.text)
        label = await _label(gateway, visit, payload) if payload else ""
        await gateway.guide.answer(visit.session_id, incoming, "page", language=visit.language, label=label)
    except Problem as problem:
        return await _page(request, visit, problem=problem, draft=draft)
    return _back(request, visit, "/#latest")


async def choose_language(request: Request) -> Response:
    """`POST /language`: the visitor picked a language."""
    gateway = context(request)
    visit = await _visit(request)
    try:
        gateway.limit_address(request)
        form = await _form(request)
        code = form.get("language", "")
        if not _own_form(request, visit, form) or not is_offered(code):
            return await _page(request, visit, status=403, error_key="page.error.form_stale")
    except Problem as problem:
        return await _page(request, visit, problem=problem)
    await gateway.guide.choose_language(visit.session_id, code)
    return _back(request, visit, "/")


async def start_over(request: Request) -> Response:
    """`POST /start-over`: forget the conversation and begin a new one in the same language."""
    gateway = context(request)
    visit = await _visit(request)
    try:
        gateway.limit_address(request)
        form = await _form(request)
    except Problem as problem:
        return await _page(request, visit, problem=problem)
    if not _own_form(request, visit, form):
        return await _page(request, visit, status=403, error_key="page.error.form_stale")
    await gateway.guide.start_over(visit.session_id)
    fresh = Visit(gateway.tokens.new_id(), False, visit.language, visit.chosen)
    if visit.chosen:
        await gateway.guide.choose_language(fresh.session_id, visit.language)
    return _back(request, fresh, "/")


async def answer(request: Request) -> Response:
    """`GET /answer?of=<payload>&language=<code>`: one answer by itself, in its language beside the Japanese one.

    Holds nothing of any conversation, so it can be printed, kept, and handed on.
    """
    gateway = context(request)
    gateway.limit_address(request)
    code = request.query_params.get("language", "")
    code = code if is_offered(code) else negotiate(request.headers.get("accept-language"))
    wanted = request.query_params.get("of", "")
    try:
        incoming = check_message("", gateway.rules, payload=wanted)
    except Problem:
        incoming = None
    if incoming is None or incoming.payload is None or not incoming.payload.is_answer:
        message = display(text("page.answer.gone", code), code)
        return HTMLResponse(render_error(View(language=code, error=message)), 404)
    card = await gateway.guide.shown(incoming.payload, code)
    return HTMLResponse(await run_in_threadpool(render_answer, card, code))


def error_page(request: Request, problem: Problem) -> Response:
    """A plain page for an address that does not exist or cannot be used so."""
    code = negotiate(request.headers.get("accept-language"))
    message = display(text("page.error.not_found", code), code)
    html = render_error(View(language=code, error=message))
    return HTMLResponse(html, problem.status, headers=problem.headers)


async def _visit(request: Request) -> Visit:
    gateway = context(request)
    guess = negotiate(request.headers.get("accept-language"))
    token = request.cookies.get(COOKIE)
    if token:
        try:
            session_id = await gateway.open_session(token, time.time())
        except SessionError:
            pass
        else:
            session = await gateway.conversations.load(session_id)
            if session is not None and session.language is not None:
                return Visit(session_id, True, session.language, session.explicit)
            return Visit(session_id, True, guess, False)
    return Visit(gateway.tokens.new_id(), False, guess, False)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, the first value of each. Raises `Problem`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise Problem("media_type_unsupported", "Forms are sent as application/x-www-form-urlencoded.")
    body = await read_limited(request, context(request).settings.max_body_bytes * _FORM_FACTOR)
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Problem("field_unknown", "The form has too many fields.") from error
    return {name: values[0] for name, values in fields.items()}


def _own_form(request: Request, visit: Visit, form: dict[str, str]) -> bool:
    """Whether the form was sent from this guide's own page.

    Browsers say where a form comes from; beyond that the form must carry the token of the visitor's session. Without a
    session there is nothing another site could make a visitor do.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return False
    return not visit.known or context(request).tokens.form_token_fits(form.get("form", ""), visit.session_id)


async def _label(gateway: Context, visit: Visit, payload: str) -> str:
    """What the tapped reply said, from the cards the visitor has seen."""
    items = items_of(await gateway.conversations.history(visit.session_id))
    for item in [*reversed(items), await _welcome(gateway, visit.language)]:
        for action in item.card.actions if item.card else ():
            if action.kind == "reply" and action.payload == payload:
                return action.label
    return ""


async def _welcome(gateway: Context, code: str) -> Item:
    card = await run_in_threadpool(gateway.guide.welcome, code)
    return Item("guide", code, "", card)


async def _page(
    request: Request,
    visit: Visit,
    *,
    status: int = 200,
    problem: Problem | None = None,
    error_key: str = "",
    draft: str = "",
) -> Response:
    gateway = context(request)
    history: list[Entry] = await gateway.conversations.history(visit.session_id)
    items = items_of(history) if history else [await _welcome(gateway, visit.language)]
    error: str | Markup = ""
    if problem is not None:
        status = problem.status
        error = _friendly(problem, visit.language)
    elif error_key:
        error = display(text(error_key, visit.language), visit.language)
    view = View(
        language=visit.language,
        items=items,
        form_token=gateway.tokens.form_token(visit.session_id),
        first_visit=not history and not visit.chosen,
        begun=bool(history),
        retention_days=gateway.settings.retention_days,
        draft=draft,
        error=error,
    )
    html = await run_in_threadpool(render_page, view)
    response = HTMLResponse(html, status, headers=problem.headers if problem else None)
    _remember(request, response, visit)
    return response


def _friendly(problem: Problem, code: str) -> Markup:
    """What a problem means for someone at the page."""
    match problem.code:
        case "text_too_long":
            found = text("page.error.text_too_long", code, **_numbers(problem, "length", "limit"))
        case "rate_limited":
            found = text("page.error.rate_limited", code, **_numbers(problem, "retry_after"))
        case "text_empty":
            found = text("page.error.text_empty", code)
        case "body_too_large":
            found = text("page.error.body_too_large", code)
        case "answer_unavailable" | "overloaded" | "internal_error":
            found = text("page.error.answer_unavailable", code)
        case _:
            found = text("page.error.form_stale", code)
    return display(found, code)


def _numbers(problem: Problem, *names: str) -> dict[str, object]:
    return {name: problem.extra.get(name, "") for name in names}


def _back(request: Request, visit: Visit, address: str) -> Response:
    """See other: a reload of the page then asks nothing again."""
    response = RedirectResponse(address, 303)
    _remember(request, response, visit)
    return response


def _remember(request: Request, response: Response, visit: Visit) -> None:
    gateway = context(request)
    response.set_cookie(
        COOKIE,
        gateway.tokens.issue(visit.session_id),
        max_age=gateway.settings.session_idle_days * 86_400,
        httponly=True,
        samesite="lax",
        secure=gateway.is_https(request),
        path="/",
    )
