"""What components mean to a reader who does not see them: names, roles, relations, order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from kisu.context_processors import Shell
from kisu.lib.charts import Chart, Series
from tests.face.conftest import Page

Render = Callable[..., Page]


class ListingForm(forms.Form):
    title = forms.CharField(label="Title", help_text="Name the material.")
    nature = forms.ChoiceField(label="Is it waste?", choices=[("w", "Yes"), ("s", "No")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"placeholder": "Note"}))
    agreed = forms.BooleanField(label="The terms suit me")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_stands_in_the_order_label_hint_error_control(render: Render) -> None:
    page = render("{{ form.title.as_field_group }}", form=ListingForm({}))
    control = page.one("input", name="title")
    assert [one.tag for one in page.elements if one.tag in {"label", "input"}] == ["label", "input"]
    assert control.attrs["aria-describedby"] == "id_title_helptext id_title_error"
    assert control.attrs["aria-invalid"] == "true"
    order = [one.attrs.get("id") for one in page.elements if one.attrs.get("id")]
    assert order == ["id_title_helptext", "id_title_error", "id_title"]
    assert page.one("label").attrs["for"] == "id_title"


def test_only_what_is_optional_is_marked(render: Render) -> None:
    page = render("{{ form }}", form=ListingForm())
    assert [label.text for label in page.all("label")] == [
        "Title",
        " Yes",
        " No",
        "Note (optional)",
        " The terms suit me",
    ]
    assert page.one("legend").text == "Is it waste?"


def test_a_text_box_has_the_look_and_no_placeholder(render: Render) -> None:
    page = render("{{ form }}", form=ListingForm())
    assert page.one("textarea").attrs["class"] == "input"
    assert "placeholder" not in page.one("textarea").attrs
    assert "class" not in page.one("input", name="agreed").attrs


def test_the_error_summary_leads_to_each_control(render: Render) -> None:
    page = render("{{ form }}", form=ListingForm({}))
    summary = page.one("section", class_="error-summary")
    assert {"role": "alert", "tabindex": "-1", "autofocus": None}.items() <= summary.attrs.items()
    targets = [link.attrs["href"] for link in page.all("a")]
    assert targets == ["#id_title", "#id_nature_0", "#id_agreed"]
    assert {f"#{one.attrs.get('id')}" for one in page.all("input")} >= set(targets)


def test_a_form_without_errors_has_no_summary(render: Render) -> None:
    assert render("{{ form }}", form=ListingForm()).all("section") == []


def test_a_unit_is_joined_to_its_field(render: Render) -> None:
    form = ListingForm()
    form.fields["title"].unit = "t/a"  # type: ignore[attr-defined]
    assert render("{{ form.title.as_field_group }}", form=form).one("span", class_="unit").text == "t/a"


def test_a_page_with_errors_says_so_in_its_title(render: Render) -> None:
    source = '{% extends "base.html" %}{% block title %}New listing{% endblock %}'
    assert render(source, form=ListingForm({})).one("title").text == "Error: New listing – KiSu"
    assert render(source, form=ListingForm()).one("title").text == "New listing – KiSu"


def test_the_shell_of_a_desk(render: Render) -> None:
    page = render('{% extends "base.html" %}', path="/tyopoyta/?page=2")
    assert page.one("html").attrs == {"lang": "en", "data-theme": "dark"}
    assert page.one("body").attrs["data-density"] == "dense"
    assert page.elements[[one.tag for one in page.elements].index("body") + 1].attrs["href"] == "#content"
    assert page.one("main").attrs["id"] == "content"
    assert [link.text for link in page.all("a") if "aria-current" in link.attrs] == ["Desk"]
    assert page.one("span", class_="count").text == "12 new"
    assert {one.attrs["value"] for one in page.all("input", name="next")} == {"/tyopoyta/?page=2"}
    assert [one.text for one in page.all("button", aria_pressed="true")] == ["Regional coordinator", "Dark"]
    assert page.one("form", action="/tili/logout/").attrs["method"] == "post"


def test_the_shell_of_a_visitor(render: Render, shell: Shell) -> None:
    page = render('{% extends "base.html" %}', shell=replace(shell, desk="visitor", dense=False, theme=""))
    assert "data-density" not in page.one("body").attrs
    assert page.one("html").attrs == {"lang": "en"}
    assert page.one("a", href="/tili/login/").text.strip() == "Sign in"
    assert page.all("details") == []
    assert [one.text for one in page.all("button", name="language")] == ["Suomi", "Svenska", "English"] * 1


def test_every_landmark_has_its_own_name(render: Render) -> None:
    page = render('{% extends "base.html" %}')
    named = [(one.tag, one.attrs.get("aria-label")) for one in page.elements if one.tag in {"nav", "aside"}]
    named += [("form", one.attrs["aria-label"]) for one in page.all("form") if "aria-label" in one.attrs]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "413", "500", "503"])
def test_an_error_page_needs_no_context(name: str) -> None:
    page = Page(render_to_string(f"{name}.html"))
    assert len(page.one("h1").text) > 5
    assert page.all("link", rel="stylesheet")
    assert page.one("html").attrs["lang"] == "en"


def test_pages_of_a_list_keep_the_rest_of_the_address(render: Render) -> None:
    page = render(
        '{% include "components/pagination.html" %}',
        path="/?q=kuitu&sort=-amount&page=3",
        page=Paginator(range(412), 25).page(3),
    )
    assert page.one("p").text.strip() == "Showing 51–75 / 412"
    assert page.one("a", aria_current="page").text == "Page 3"
    assert page.one("a", rel="next").attrs["href"] == "?q=kuitu&sort=-amount&page=4"
    assert len(page.all("span", class_="gap")) == 1


def test_one_page_needs_no_links(render: Render) -> None:
    assert render('{% include "components/pagination.html" %}', page=Paginator([1], 25).page(1)).elements == []


def test_a_state_is_shape_and_word(render: Render) -> None:
    page = render('{% state "On track" "ok" %}{% state "Late" "late" %}{% state "Odd" "purple" %}')
    assert [one.text for one in page.all("span")] == ["On track", "Late", "Odd"]
    shapes = [one.tag for one in page.elements if one.tag in {"circle", "path"}]
    assert shapes == ["circle", "path", "path"]
    assert [one.attrs["class"] for one in page.all("span")] == ["state is-ok", "state is-late", "state is-neutral"]


def test_a_word_from_data_can_not_become_markup(render: Render) -> None:
    page = render("{% state word %}{% stage 3 word %}", word="<img src=x>")
    assert page.all("img") == []


def test_a_match_is_said_in_words_without_a_percentage(render: Render) -> None:
    page = render('{% match_class "good" %}{% match_class "possible" %}{% match_class "distant" %}')
    assert [one.text.strip() for one in page.all("span")] == ["Good", "Possible", "Distant"]
    assert all(one.attrs["aria-hidden"] == "true" for one in page.all("svg"))


def test_a_stage_fills_the_ring_by_parts(render: Render) -> None:
    page = render('{% stage 2 "Discussion" %}')
    assert [one.attrs["class"] for one in page.all("path")] == ["arc", "arc", "rest", "rest", "rest"]
    assert page.one("span").text.strip() == "Discussion"


def test_small_drawings_are_hidden_and_stay_in_their_box(render: Render) -> None:
    page = render("{% sparkline values 4 %}{% bullet 150 104 145 %}", values=[1, None, 2, 6])
    assert all(one.attrs["aria-hidden"] == "true" for one in page.all("svg"))
    points = [tuple(map(float, pair.split(","))) for pair in str(page.one("polyline").attrs["points"]).split()]
    assert len(points) == 3
    assert all(0 <= x <= 96 and 0 <= y <= 24 for x, y in points)
    assert page.one("rect", class_="value").attrs["width"] == "160.0"
    assert render("{% sparkline values %}{% bullet None 5 %}", values=[None, 3]).elements == []


def test_drawings_have_points_for_decimals_in_every_language(render: Render) -> None:
    from django.utils import translation

    with translation.override("fi"):
        page = render("{% sparkline values %}{% bullet 1234.5 4000 %}", values=[1, 2.5, 1800])
    assert all("," not in str(one.attrs["width"]) for one in page.all("rect"))
    assert len(str(page.one("polyline").attrs["points"]).split()) == 3


TILES = [
    {"name": "Keski-Pohjanmaa", "count": 1200, "url": "/ilmoitukset/?region=16", "level": 4, "column": 3, "row": 3},
    {"name": "Ahvenanmaa", "count": None, "url": "", "level": 0, "column": 1, "row": 6, "own": True},
]


def test_a_tile_is_a_link_with_name_and_figure(render: Render) -> None:
    page = render('{% tile_map tiles "Open listings by region" %}', tiles=TILES)
    link = page.one("a")
    assert link.text.replace("\u00a0", " ").split() == ["Keski-Pohjanmaa", "1,200"]
    assert link.attrs["class"] == "m4"
    assert page.one("svg").attrs["aria-label"] == "Open listings by region"
    assert page.one("g").attrs["class"] == "m0 is-own"
    assert page.all("rect")[0].attrs["x"] == "168"


def test_a_chart_has_its_table_open_until_it_is_drawn(render: Render) -> None:
    chart = Chart("s", "Synergies </script>", "pcs", "Year", ["2025"], [Series("Actual", [96])], source="the records")
    page = render('{% include "components/chart.html" with csv_url="/s.csv" %}', chart=chart)
    assert "open" in page.one("details").attrs
    assert "hidden" in page.one("div", class_="plot").attrs
    assert page.one("div", class_="plot").attrs["aria-labelledby"] == page.one("span", class_="title").attrs["id"]
    assert page.one("script", type="application/json").attrs["id"] == "s-data"
    assert page.one("td").attrs["data-label"] == "Actual"
    assert page.one("a", href="/s.csv").text == "Download the figures (CSV)"


def test_a_running_job_polls_and_a_finished_one_stops(render: Render) -> None:
    source = '{% include "components/progress.html" with progress_id="job-1" title="Import" poll_url="/j" %}'
    running = render(source, running=True, done=1240, total=2000)
    assert [one.attrs["hx-get"] for one in running.elements if "hx-get" in one.attrs] == ["/j"]
    assert running.one("progress").attrs["value"] == "1240"
    assert [one.text for one in running.all("a")] == ["Reload"]
    finished = render(source, running=False, done=2000, total=2000, outcome="Done. Rows imported: 2,000")
    assert not [one for one in finished.elements if "hx-get" in one.attrs]
    assert finished.one("p", role="status").text == "Done. Rows imported: 2,000"


def test_a_small_button_names_its_row(render: Render) -> None:
    items = [{"due": "Today", "title": "Approve", "url": "/a", "actions": [{"label": "Open", "url": "/b"}]}]
    page = render('{% include "components/queue.html" %}', items=items)
    assert [link.text for link in page.all("a")] == ["Approve", "Open: Approve"]


def test_a_sort_heading_says_the_order(render: Render) -> None:
    header = {"label": "Amount", "link": "?sort=amount", "aria_sort": "descending", "numeric": True}
    cell = render('{% include "components/sort_header.html" %}', header=header).one("th")
    assert {"scope": "col", "aria-sort": "descending", "class": "num"}.items() <= cell.attrs.items()


def test_a_message_is_announced_by_its_weight(render: Render) -> None:
    class Message(str):
        tags = ""

    saved, failed = Message("Saved."), Message("Not saved.")
    saved.tags, failed.tags = "success", "error"
    page = render('{% include "components/messages.html" %}', messages=[saved, failed])
    assert [(one.attrs["role"], one.attrs["class"]) for one in page.all("div") if "role" in one.attrs] == [
        ("status", "alert is-ok"),
        ("alert", "alert is-late"),
    ]


def test_a_breadcrumb_ends_at_the_page_itself(render: Render) -> None:
    page = render('{% breadcrumb "Listings" "/ilmoitukset/" "Sawdust" %}')
    assert [link.attrs["href"] for link in page.all("a")] == ["/", "/ilmoitukset/"]
    assert page.one("li", aria_current="page").text == "Sawdust"


def test_a_time_is_readable_by_machines(render: Render) -> None:
    page = render('{% time_of at "datetime" %}', at=datetime(2026, 11, 24, 7, tzinfo=UTC))
    assert page.one("time").attrs["datetime"] == "2026-11-24T07:00:00+00:00"


def test_the_admins_own_dates_still_work(render: Render) -> None:
    page = render('<p>{{ at|date:"Y-m" }} {{ at|date }}</p>', at=datetime(2026, 11, 24, 7, tzinfo=UTC))
    assert page.one("p").text.replace("\u00a0", " ") == "2026-11 24 November 2026"


def test_reasons_stand_for_and_against(render: Render) -> None:
    context: dict[str, Any] = {
        "reasons_for": ["Same material"],
        "reasons_against": ["Far: 131 km"],
        "check_first": "the permit",
    }
    page = render('{% include "components/reason_list.html" %}', **context)
    assert [one.text.strip() for one in page.all("li")] == ["Same material", "Far: 131 km"]
    assert [one.text for one in page.all("h4")] == ["For", "Against"]
    assert "the permit" in page.one("p").text
