"""The charts of the landing page, drawn here as bars and lines, with the same numbers as a table for those who listen.

Invariant: a chart is made from figures alone; colours are classes, so that light and dark follow the theme.
To extend: a chart is a row of CHARTS.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from syncapp.admin.pages import frame
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.operations.exports.tables import NOTHING
from syncapp.operations.monitoring.figures import Span, last_day, last_month, totals
from syncapp.words import Words
from syncapp.words.time_format import lasting_short

WIDTH, HEIGHT = 720, 120


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of number in a chart. `tone` is a class of ops.css."""

    label: Words
    tone: str
    value: Callable[[Span], float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    title: Words
    series: tuple[Series, ...]
    stacked: bool = True
    seconds: bool = False


CHARTS: tuple[Chart, ...] = (
    Chart(
        _("Syncs by outcome"),
        (
            Series(_("equal"), "good", lambda span: span.heaps.get("equal", 0)),
            Series(_("waits for a person"), "warn", lambda span: span.heaps.get("held", 0)),
            Series(_("failed"), "bad", lambda span: span.heaps.get("failed", 0)),
            Series(_("put off"), "off", lambda span: span.heaps.get("waiting", 0)),
        ),
    ),
    Chart(
        _("How long a sync takes"),
        (
            Series(_("half of them at most"), "wait", lambda span: span.median),
            Series(_("95 of 100 at most"), "warn", lambda span: span.slow),
        ),
        stacked=False,
        seconds=True,
    ),
    Chart(_("Conflicts"), (Series(_("conflicts"), "warn", lambda span: span.conflicts),)),
    Chart(
        _("Calls to both systems"),
        (
            Series(SYSTEM_NAMES[System.ESPOCRM], "wait", lambda span: span.calls.get(System.ESPOCRM, 0)),
            Series(SYSTEM_NAMES[System.ADVOWARE], "good", lambda span: span.calls.get(System.ADVOWARE, 0)),
        ),
    ),
    Chart(
        _("From a change to both sides being equal"),
        (Series(_("95 of 100 at most"), "wait", lambda span: span.lag),),
        stacked=False,
        seconds=True,
    ),
)


@frame.shows("syncapp.view_syncrecord")
def charts(request: HttpRequest, span: str) -> HttpResponse:
    """A day by the hour, or a month by the day."""
    if span not in ("day", "month"):
        raise Http404
    spans = last_day() if span == "day" else last_month()
    drawn = [_draw(chart, spans, daily=span == "month") for chart in CHARTS]
    return frame.part(request, "ops/parts/charts.html", charts=drawn, span=span, totals=totals(spans))


def _draw(chart: Chart, spans: Sequence[Span], *, daily: bool) -> dict[str, Any]:
    """A chart as its template takes it."""
    values = [[series.value(span) or 0 for series in chart.series] for span in spans]
    heights = [sum(row) if chart.stacked else max(row) for row in values]
    highest = max(heights, default=0)
    step = WIDTH / max(1, len(spans))
    names = [_name(span, daily=daily) for span in spans]
    named = range(0, len(spans), 7 if daily else 6)
    return {
        "chart": chart,
        "bars": list(_bars(chart, values, highest, step)),
        # Where it begins, and what it says when pointed at.
        "spans": [(at * step, f"{name}: {', '.join(_pairs(chart, values[at]))}") for at, name in enumerate(names)],
        "step": step,
        # At how many per cent of the width it stands, and the name of the bar that begins there.
        "labels": [(round(index * step / WIDTH * 100, 2), names[index]) for index in named],
        "top": _shown(highest, chart),
        "rows": [_row(chart, span, daily=daily) for span in reversed(spans)],
        "empty": not highest,
    }


def _row(chart: Chart, span: Span, *, daily: bool) -> tuple[str, tuple[str, ...]]:
    """A line of the table: the newest first, and a dash where nothing ran."""
    values = (series.value(span) for series in chart.series)
    shown = (NOTHING if value is None or not span.runs else _shown(value, chart) for value in values)
    return _name(span, daily=daily), tuple(shown)


def _bars(
    chart: Chart, values: Sequence[Sequence[float]], highest: float, step: float
) -> Iterator[tuple[float, float, float, float, str]]:
    """x, y, width, height and tone of each."""
    for index, row in enumerate(values if highest else ()):
        floor = float(HEIGHT)
        for place, (series, value) in enumerate(zip(chart.series, row, strict=True)):
            height = max(1.5, value / highest * HEIGHT) if value else 0
            if not height:
                continue
            share = 1 if chart.stacked else len(chart.series)
            width = (step - 2) / share
            x = index * step + 1 + (0 if chart.stacked else place * width)
            y = floor - height if chart.stacked else HEIGHT - height
            yield round(x, 1), round(y, 1), round(max(width - 0.5, 1), 1), round(height, 1), series.tone
            floor = y if chart.stacked else floor


def _pairs(chart: Chart, row: Sequence[float]) -> list[str]:
    return [f"{series.label} {_shown(value, chart)}" for series, value in zip(chart.series, row, strict=True)]


def _shown(value: float, chart: Chart) -> str:
    return lasting_short(value) if chart.seconds else str(formats.number_format(int(value), force_grouping=True))


def _name(span: Span, *, daily: bool) -> str:
    local = timezone.localtime(span.begin)
    return f"{local:%d.%m.}" if daily else f"{local:%H} h"
