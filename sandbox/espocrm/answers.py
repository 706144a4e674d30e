"""What the stand-in answers: results, refusals and the router's HTML pages.

EspoCRM puts the reason of a refusal into X-Status-Reason and mostly leaves the body empty.
"""

import json
from collections.abc import Mapping

from django.http import HttpResponse

JSON = "application/json"
HTML = "text/html; charset=UTF-8"
ROUTER_HTML = "text/html;charset=UTF-8"


class EspoRefusal(Exception):
    """A request that is not carried out; becomes the answer."""

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        *,
        body: object = None,
        content_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = body
        self.content_type = content_type
        self.headers = dict(headers or {})

    def response(self) -> HttpResponse:
        content = "" if self.body is None else json.dumps(self.body, ensure_ascii=False)
        response = HttpResponse(content, status=self.status, content_type=self.content_type, headers=self.headers)
        if self.reason is not None:
            response["X-Status-Reason"] = self.reason
        return response


class InvalidField(EspoRefusal):
    def __init__(self, entity_type: str, field: str, rule: str) -> None:
        super().__init__(
            400,
            f"Field validation failure; entityType: {entity_type}, field: {field}, type: {rule}.",
            body=_translation("validationFailure", {"field": field, "type": rule}),
        )


class ForbiddenAnswer(EspoRefusal):
    def __init__(self, reason: str = "") -> None:
        super().__init__(403, reason)


class ForeignForbidden(EspoRefusal):
    """A link to a record that the user may not see."""

    def __init__(self, entity_type: str, link: str, foreign: str) -> None:
        super().__init__(
            403,
            f"No foreign record access for link operation ({entity_type}:{link}).",
            body=_translation("cannotRelateForbidden", {"foreignEntityType": foreign, "action": "read"}),
        )


def _translation(label: str, facts: Mapping[str, str]) -> dict[str, object]:
    return {"messageTranslation": {"label": label, "scope": None, "data": dict(facts)}}


def result(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(value, ensure_ascii=False), status=status, content_type=JSON)


def router_page(title: str, message: str, status: int) -> HttpResponse:
    """The page of the web framework under EspoCRM, for addresses and methods that it has no route for."""
    page = (
        "<!doctype html>"
        '<html lang="en">'
        "    <head>"
        '        <meta charset="utf-8">'
        '        <meta name="viewport" content="width=device-width, initial-scale=1">'
        f"        <title>{title}</title>"
        "        <style>"
        "            body{margin:0;padding:30px;font:12px/1.5 Helvetica,Arial,Verdana,sans-serif}"
        "            h1{margin:0;font-size:48px;font-weight:normal;line-height:48px}"
        "            strong{display:inline-block;width:65px}"
        "        </style>"
        "    </head>"
        "    <body>"
        f"        <h1>{title}</h1>"
        f"        <div><p>{message}</p></div>"
        '        <a href="#" onclick="window.history.go(-1)">Go Back</a>'
        "    </body>"
        "</html>"
    )
    return HttpResponse(page, status=status, content_type=ROUTER_HTML)


def no_route() -> HttpResponse:
    return router_page(
        "404 Not Found", "The requested resource could not be found. Please verify the URI and try again.", 404
    )


def wrong_method(status: int = 405) -> HttpResponse:
    return router_page(
        "405 Method Not Allowed", "The request method is not supported for the requested resource.", status
    )
