"""Every address of the installation, from the url resolver: a new one is in these tests before anybody thinks of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

# The stand-ins: never in production, held to the developer's machine (tests/sandbox).
LEFT_OUT = ("sandbox/", "admin/sandbox/")


@dataclass(frozen=True)
class Address:
    """One route: its name, its text, and its arguments with the converter of each."""

    name: str
    route: str
    arguments: Mapping[str, str]

    def with_arguments(self, given: Mapping[str, object]) -> str:
        """The path with these arguments, unquoted: what is no valid argument may be meant."""
        path = self.route
        for name, kind in self.arguments.items():
            value = str(given.get(name, SAMPLES.get(kind, "x")))
            path = path.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
        return "/" + path


SAMPLES = {"int": "1", "slug": "x", "str": "x", "path": "1"}
# Routes that Django and django-rq write as regular expressions, as a path that fits.
WRITTEN_OUT = {
    "proxy_api": "advoware/api/<path:rest>",
}


def every_address() -> list[Address]:
    """Once each, by name; a route without a name is the admin's own (a redirect, the last resort)."""
    found: dict[str, Address] = {}
    for name, route, kinds in _walk(get_resolver(), "", ()):
        written = WRITTEN_OUT.get(name, route)
        if not written.startswith(LEFT_OUT):
            kinds = {"rest": "path"} if name == "proxy_api" else {"id": "path"} if "<path:id>" in written else kinds
            found.setdefault(name or f"unnamed {written}", Address(name, written, kinds))
    return list(found.values())


def _walk(resolver: URLResolver, before: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif isinstance(pattern, URLPattern):
            yield ":".join((*spaces, pattern.name)) if pattern.name else "", route, _kinds(pattern)


def _kinds(pattern: URLPattern) -> dict[str, str]:
    if not isinstance(pattern.pattern, RoutePattern):
        return {}
    return {name: type(one).__name__.removesuffix("Converter").lower().replace("string", "str")
            for name, one in pattern.pattern.converters.items()}  # fmt: skip
