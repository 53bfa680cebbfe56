"""Every text and every edge can be told from what it lies on, in both themes, by the numbers of WCAG 2.2."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import chat_web

CSS = Path(chat_web.__file__).parent / "static" / "css"
VALUES = (CSS / "values.css").read_text("utf-8")
COMPONENTS = {path.name: path.read_text("utf-8") for path in sorted(CSS.glob("*.css")) if path.name != "values.css"}
HEX = r"#(?:[0-9a-f]{8}|[0-9a-f]{6})"
COLOUR = re.compile(rf"--([\w-]+): (?:light-dark\(({HEX}), ({HEX})\)|({HEX}));")
THEMES = ("light", "dark")

Colour = tuple[float, float, float, float]

TEXT, EDGE = 4.5, 3.0
SURFACES = ("canvas", "canvas-glow", "panel", "raised", "sunken", "hover", "selected", "theirs")
TEXTS = {
    **dict.fromkeys(SURFACES, ("text", "quiet", "accent-text")),
    "mine": ("text", "mine-quiet", "mine-link"),
    "accent": ("on-accent",),
    "accent-hover": ("on-accent",),
    "notice": ("on-notice",),
    "find": ("on-find",),
    "find-now": ("on-find",),
    "select": ("on-select",),
}
"""What is written on each surface."""
DANGER = ("canvas", "canvas-glow", "panel", "raised", "hover", "selected")
ON_INSET = {
    "theirs": ("text", "quiet", "accent-text"),
    "mine": ("text", "mine-quiet", "mine-link"),
    "canvas": ("quiet",),
}
"""What is written on a quote or a code in a bubble, and in a notice."""
EDGES = {
    "line-strong": ("canvas", "panel", "raised"),
    "accent": ("canvas", "panel", "raised"),
    "accent-hover": ("canvas", "panel", "raised"),
    "accent-text": ("canvas", "panel", "raised", "selected"),
    "quiet": ("canvas", "panel", "raised", "hover"),
    "online": ("panel", "selected", "hover"),
    "danger": ("canvas", "panel"),
    "on-accent": ("line-strong",),
    "select": ("theirs", "mine", "canvas"),
}
"""What is drawn on which surfaces: edges, icons, dots, a switch and its knob, selected text in a bubble."""
WAITING = 0.75
"""How opaque a bubble that waits is."""


def parse(colour: str) -> Colour:
    red, green, blue, *alpha = (int(pair, 16) / 255 for pair in re.findall(r"[0-9a-f]{2}", colour))
    return red, green, blue, alpha[0] if alpha else 1


def colours_of(theme: str) -> dict[str, Colour]:
    found = {}
    for name, light, dark, both in COLOUR.findall(VALUES):
        found[name] = parse(both or (light if theme == "light" else dark))
    return found


def over(upper: Colour, lower: Colour, opacity: float = 1) -> Colour:
    alpha = upper[3] * opacity
    red, green, blue = (one * alpha + other * (1 - alpha) for one, other in zip(upper[:3], lower[:3], strict=True))
    return red, green, blue, 1


def contrast(one: Colour, other: Colour) -> float:
    def luminance(colour: Colour) -> float:
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read(theme: str) -> None:
    colours = colours_of(theme)
    pairs = [(text, surface, colours[surface]) for surface, texts in TEXTS.items() for text in texts]
    pairs += [("danger", surface, colours[surface]) for surface in DANGER]
    for bubble, texts in ON_INSET.items():
        pairs += [(text, f"inset on {bubble}", over(colours["inset"], colours[bubble])) for text in texts]
    bad = {f"{text} on {surface}": contrast(colours[text], ground) for text, surface, ground in pairs}
    assert {pair: found for pair, found in bad.items() if found < TEXT} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_what_waits_can_be_read_too(theme: str) -> None:
    colours = colours_of(theme)
    assert f".message--waiting .bubble {{ opacity: {WAITING:.2f}".replace("0.", ".") in COMPONENTS["message.css"]
    bubble = over(colours["mine"], colours["canvas"], WAITING)
    for name in ("text", "mine-link", "mine-quiet"):
        assert contrast(over(colours[name], colours["canvas"], WAITING), bubble) >= EDGE, name
    assert contrast(over(colours["text"], colours["canvas"], WAITING), bubble) >= TEXT


@pytest.mark.parametrize("theme", THEMES)
def test_every_edge_and_icon_can_be_seen(theme: str) -> None:
    colours = colours_of(theme)
    found = {f"{edge} on {one}": contrast(colours[edge], colours[one]) for edge, on in EDGES.items() for one in on}
    assert {pair: value for pair, value in found.items() if value < EDGE} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_a_rule_that_names_text_and_ground_names_two_that_differ(theme: str) -> None:
    colours = colours_of(theme)
    for name, style in COMPONENTS.items():
        for rule in re.findall(r"\{([^{}]*)\}", style):
            text = re.search(r"(?:^|[; ])color: var\(--([\w-]+)\)", rule)
            ground = re.search(r"background: var\(--([\w-]+)\)", rule)
            if text and ground and {text[1], ground[1]} <= colours.keys() and ground[1] != "inset":
                assert contrast(colours[text[1]], colours[ground[1]]) >= TEXT, (name, rule)


def test_components_name_only_values_that_there_are_and_there_are_only_those_that_they_name() -> None:
    named = set(re.findall(r"var\(--([\w-]+)", "".join(COMPONENTS.values())))
    own = set(re.findall(r"[{; ]--([\w-]+):", "".join(COMPONENTS.values())))
    values = set(re.findall(r"[{; ]--([\w-]+):", VALUES))
    assert named - own - SET_BY_SCRIPTS == values, "a name without a value, or a value that nobody needs"


SET_BY_SCRIPTS = {"hue", "at-start", "at-end", "ratio"}
