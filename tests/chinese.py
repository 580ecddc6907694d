"""Words that a reader of Chinese would stumble over."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alerts.indicators import presets

HAN = re.compile("[\u3400-\u9fff]")

# Words in Latin letters that stand in Chinese as they are, by why.
NAMES = {
    "firms and people that are called so in Chinese too": "Alphabet Anthropic BlackRock Blackwell "
    "Blue CBRE CoreWeave GIP Hyperion ICE BofA MGX Meta OpenAI Owl Palantir Rubin xAI "
    "SEC Slack Discord Yahoo",
    "products and measures": "ChatGPT FRED GDP Baa",
    "languages under their own names": "English",
    "sources by their own names": "iShares Nasdaq",
    "sources by the names of their modules": "bubblewatch fact record sec yahoo terminal",
    "presets, which are typed": " ".join(presets()),
    "the time that pages and answers go by": "UTC",
    "who speaks in these tests": "Ada someone chat",
    "functions of formulas": "market_cap price ratio share sum",
}
KNOWN = {name for names in NAMES.values() for name in names.split()}
TYPED = (
    # What is typed, or was typed: in quotes, after a slash, and keys.
    re.compile("「[^」]*」|“[^”]*”"),
    re.compile(r"/bubble[^\u3400-\u9fff\n]*"),
    re.compile(r"https?://\S+"),
    re.compile(r"\b\w*_\w*(\.\w+)?\b"),
    re.compile(r"\b[A-Z]{1,5}\b"),
)


def english(text: str, typed: Iterable[str] = ()) -> list[str]:
    """The words in Latin letters that a Chinese reader would stumble over."""
    for pattern in TYPED:
        text = pattern.sub(" ", text)
    for word in typed:
        text = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", " ", text)
    return [word for word in re.findall(r"[A-Za-z][A-Za-z'’]{2,}", text) if word not in KNOWN]
