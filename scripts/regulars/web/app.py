"""The service: each address, who may ask for it, and what is answered.

No address holds an id of anybody: what is asked about a person is asked in a form.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import psycopg
from fastapi import Depends, FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from regulars.lists import why_lists
from regulars.phrases import say, speaking
from regulars.plain_text import CONTROL, TURNING
from regulars.project import list_definitions, variables
from regulars.project.list_definitions import ListDefinition
from regulars.settings import Settings
from regulars.web import desk, downloads, pages
from regulars.web.guard import Next, guard
from regulars.web.sessions import Session, Sessions

COOKIE = "__Host-regulars"
MOST_RECORDS = 100
FIELD = 200  # characters that a field may have
# One line of what the log can hold, and nothing that turns the order in which it is read.
LINE = f"^[^{CONTROL}{TURNING}]*$"
Text = Annotated[str, Form(max_length=FIELD, pattern=LINE)]
Day = Annotated[date, Form()]


@dataclass(frozen=True)
class Service:
    settings: Settings
    sessions: Sessions
    lists: tuple[ListDefinition, ...]  # as they were when the service started

    @contextmanager
    def connected(self, session: Session) -> Iterator[psycopg.Connection]:
        with desk.connected(self.settings, session) as connection:
            yield connection

    def list(self, code: str) -> ListDefinition:
        asked_for = next((entry for entry in self.lists if entry.list_code == code), None)
        if asked_for is None:
            raise HTTPException(404)
        return asked_for


class LogInFirst(Exception):
    """Nobody is logged in."""


def make_app(settings: Settings) -> FastAPI:
    """The service on these settings; a test calls it as the server does."""
    app = FastAPI(title="Regulars", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.service = Service(
        settings, Sessions(), tuple(list_definitions.load(settings.dbt_project))
    )
    app.middleware("http")(guard)
    app.middleware("http")(in_language_of(settings))
    app.add_exception_handler(LogInFirst, _to_log_in)
    app.add_exception_handler(RequestValidationError, _incomplete)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RuntimeError, _refused)
    for path, endpoint in GETS.items():
        app.add_api_route(path, endpoint, methods=["GET"])
    for path, endpoint in POSTS.items():
        app.add_api_route(path, endpoint, methods=["POST"])
    return app


def in_language_of(settings: Settings) -> Callable[[Request, Next], Awaitable[Response]]:
    """Answers in the company's language, which is read once."""
    language = variables.language(settings.dbt_project)

    async def answer(request: Request, call_next: Next) -> Response:
        with speaking(language):
            return await call_next(request)

    return answer


# ---------- who asks


def the_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Of = Annotated[Service, Depends(the_service)]


def browser(request: Request, service: Of) -> Session | None:
    """The session of the cookie, logged in or not."""
    return service.sessions.find(request.cookies.get(COOKIE))


def reader(session: Annotated[Session | None, Depends(browser)]) -> Session:
    """Who is logged in. Raises LogInFirst."""
    if session is None or session.role is None:
        raise LogInFirst
    return session


def writer(session: Annotated[Session, Depends(reader)], csrf: Text) -> Session:
    """Who is logged in and sent one of their own forms."""
    _check_form(session, csrf)
    return session


def _check_form(session: Session | None, csrf: str) -> None:
    if session is None or not hmac.compare_digest(session.csrf.encode(), csrf.encode()):
        raise HTTPException(403, say("This form is no longer good: open the page again."))


Reader = Annotated[Session, Depends(reader)]
Writer = Annotated[Session, Depends(writer)]
Browser = Annotated[Session | None, Depends(browser)]


# ---------- logging in and out


def log_in_page(service: Of, session: Browser) -> Response:
    if session and session.role:
        return RedirectResponse("/", 303)
    return _log_in_form(session or service.sessions.begin(), None)


def log_in(
    service: Of, session: Browser, csrf: Text, role: Text, password: Text, name: Text
) -> Response:
    _check_form(session, csrf)
    assert session is not None
    if not name.strip():
        return _log_in_form(
            session, say("Say who you are: the log keeps who gave their word."), 422
        )
    if not desk.may_log_in(service.settings, role, password):
        return _log_in_form(session, say("The warehouse does not know this log-in."), 401)
    service.sessions.end(session)
    return _with_cookie(
        RedirectResponse("/", 303), service.sessions.begin(role, name.strip(), password)
    )


def log_out(service: Of, session: Writer) -> Response:
    service.sessions.end(session)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


def _log_in_form(session: Session, fault: str | None, status: int = 200) -> Response:
    text = pages.render("login", session=session, roles=desk.ROLES, fault=fault)
    return _with_cookie(HTMLResponse(text, status), session)


def _with_cookie(response: Response, session: Session) -> Response:
    response.set_cookie(
        COOKIE, session.token, path="/", secure=True, httponly=True, samesite="strict"
    )
    return response


# ---------- reading


def today(service: Of, session: Reader) -> Response:
    with service.connected(session) as connection:
        live = desk.live(connection)
        people = desk.people(connection, str(session.role)) if live else {}
        values: dict[str, Any] = {
            "live": live,
            "stops": desk.waiting(connection),
            "people": people,
            "withheld": desk.withheld(connection),
        }
    # as in the report: whom to contact first, and these as they matter
    lists = sorted(service.lists, key=lambda one: (one.list_code not in people, one.priority))
    return _page("today", session, lists=lists if live else [], **values)


def list_page(service: Of, session: Reader, code: str) -> Response:
    definition = service.list(code)
    with service.connected(session) as connection:
        live = desk.live(connection)
        members = desk.members(connection, str(session.role), code) if live else []
        withheld = desk.withheld(connection).get(code)
    return _page(
        "list",
        session,
        live=live,
        list=definition,
        members=members,
        withheld=withheld,
        offers=downloads.offers(service.settings, code) if live else [],
        is_called=definition.channel == "phone",
        form=secrets.token_urlsafe(16),
    )


def trail(service: Of, session: Reader) -> Response:
    with service.connected(session) as connection:
        records = desk.trail(connection, MOST_RECORDS)
    return _page("trail", session, records=records)


def generation(service: Of, session: Reader, path: str) -> Response:
    """The live generation's own pages; a link to a list's file leads to where it is downloaded."""
    if path.startswith("lists/"):
        return RedirectResponse(f"/lists/{Path(path).stem.split('.')[0]}", 303)
    root = (service.settings.home / "current").resolve()
    try:
        file = (root / path).resolve()
        is_there = file.is_relative_to(root) and file.is_file()
    except (ValueError, OSError):  # a name that no file can have
        is_there = False
    if not is_there or not _is_served(file.relative_to(root)):
        raise HTTPException(404)
    return FileResponse(file)


def _is_served(path: Path) -> bool:
    return path.parts[:1] in (("report.html",), ("data_docs",), ("pages",), ("dbt_docs.html",))


def style() -> Response:
    return Response(pages.style(), media_type="text/css")


# ---------- writing down


def why(service: Of, session: Writer, customer_id: Text) -> Response:
    """Asked in a form, so that no id stands in an address."""
    with service.connected(session) as connection:
        if desk.live(connection) is None:
            raise desk.Refused(say("Nothing is published yet."))
        told = why_lists.of(connection, service.lists, customer_id.strip())
    names = {entry.list_code: entry.words.name for entry in service.lists}
    return _page("why", session, customer_id=customer_id.strip(), told=told, names=names)


def approve(service: Of, session: Writer, gate: Text, as_of: Day, reason: Text) -> Response:
    with service.connected(session) as connection:
        is_new = desk.approve(connection, session, gate, as_of, reason)
    return _said(
        session,
        say(
            "The {gate} gate may pass the night of {day}. Run the night again.",
            gate=gate,
            day=as_of,
        )
        if is_new
        else say("The word was given before; the first one stands."),
    )


def call_done(
    service: Of, session: Writer, code: str, customer_id: Text, outcome: Text, form: Text
) -> Response:
    if outcome not in desk.OUTCOMES:
        raise desk.Refused(say("What came of the call?"))
    _check_handed_in(service)
    with service.connected(session) as connection:
        list_code = service.list(code).list_code
        desk.record_call(connection, session, list_code, customer_id, outcome, form)
    return RedirectResponse(f"/lists/{code}", 303)


def say_no(service: Of, session: Writer, customer_id: Text) -> Response:
    _check_handed_in(service)
    with service.connected(session) as connection:
        record = desk.record_no(connection, session, customer_id.strip())
    return _said(
        session,
        say(
            "Written down as record {record}. They are in no marketing or advertising file from now"
            " on; what is owed to them as service goes on.",
            record=record,
        ),
    )


def download(service: Of, session: Writer, code: str, target: str, part: Text = "file") -> Response:
    """Logged before it is handed out: who may not write that down gets nothing."""
    definition = service.list(code)
    with downloads.made(service.settings, definition.list_code, target) as made:
        with service.connected(session) as connection:
            desk.record_download(
                connection,
                session,
                made.generation,
                definition.list_code,
                target,
                made.rows,
                made.left_out,
                made.manifest_sha256,
            )
        path = made.manifest if part == "manifest" else made.path
        content = path.read_bytes()
    return Response(
        content,
        media_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{path.name}"'},
    )


def _check_handed_in(service: Service) -> None:
    if "desk" not in service.settings.systems:
        raise desk.Refused(
            say("What is written down here would reach no night: add desk to REGULARS_SYSTEMS.")
        )


# ---------- answering


def _page(name: str, session: Session, **values: object) -> HTMLResponse:
    return HTMLResponse(pages.render(name, session=session, **values))


def _said(session: Session, text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(pages.render("said", session=session, text=text), status)


def _to_log_in(request: Request, error: Exception) -> Response:
    return RedirectResponse("/login", 303)


def _refused(request: Request, error: Exception) -> Response:
    """Our own errors name nobody."""
    return _said_to(request, str(error), 409)


def _incomplete(request: Request, error: Exception) -> Response:
    """What was sent is not repeated."""
    text = say("The form was incomplete, or a field of it too long or no plain line of text.")
    return _said_to(request, text, 422)


def _not_there(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = say("There is no such page.") if error.status_code == 404 else str(error.detail)
    return _said_to(request, text, error.status_code)


def _said_to(request: Request, text: str, status: int) -> Response:
    session = browser(request, the_service(request))
    return HTMLResponse(
        pages.render("said", session=session if session and session.role else None, text=text),
        status,
    )


GETS: dict[str, Callable[..., Any]] = {
    "/": today,
    "/login": log_in_page,
    "/lists/{code}": list_page,
    "/trail": trail,
    "/report/{path:path}": generation,
    "/style.css": style,
}
POSTS: dict[str, Callable[..., Any]] = {
    "/login": log_in,
    "/logout": log_out,
    "/why": why,
    "/approvals": approve,
    "/noes": say_no,
    "/lists/{code}/calls": call_done,
    "/lists/{code}/files/{target}": download,
}
