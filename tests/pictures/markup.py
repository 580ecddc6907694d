"""The markup of both platforms as HTML: bold, code, quotes, links, mentions, emoji names."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_EMOJI = {
    "red_circle": "🔴",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "large_blue_circle": "🔵",
    "large_green_circle": "🟢",
    "white_circle": "⚪",
    "white_check_mark": "✅",
    "warning": "⚠️",
    "rotating_light": "🚨",
    "bell": "🔔",
    "no_bell": "🔕",
    "chart_with_upwards_trend": "📈",
    "bar_chart": "📊",
    "pushpin": "📌",
}


def discord_html(text: str) -> str:
    """Discord's Markdown, as far as our messages use it."""

    def plain(part: str) -> str:
        part = html.escape(part, quote=False)
        part = re.sub(r"^-# (.*)$", r'<span class="small">\1</span>', part, flags=re.M)
        part = re.sub(r"^#{1,3} (.*)$", r'<b class="heading">\1</b>', part, flags=re.M)
        part = re.sub(r"^&gt; (.*)$", r'<span class="quote">\1</span>', part, flags=re.M)
        part = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>", part)
        part = re.sub(r"(?<![\\*])\*([^*\n]+?)(?<!\\)\*", r"<i>\1</i>", part)
        part = re.sub(r"(?<!\\)__(.+?)(?<!\\)__", r"<u>\1</u>", part)
        part = re.sub(r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>', part)
        part = re.sub(r"&lt;t:(\d+)(?::\w)?&gt;", r"<time>\1</time>", part)
        part = re.sub(r"&lt;@&amp;(\d+)&gt;", r'<span class="mention">@\1</span>', part)
        return re.sub(r"\\([^\w\s])", r"\1", part)

    return _with_code(text, plain)


def slack_html(text: str) -> str:
    """Slack's mrkdwn: &amp; &lt; &gt; stand for themselves, as Slack has them escaped already."""

    def plain(part: str) -> str:
        part = re.sub(r"<!subteam\^(\w+)(?:\|[^>]*)?>", r'<span class="mention">@\1</span>', part)
        part = re.sub(r"<(https?://[^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', part)
        part = re.sub(r"<(https?://[^>]+)>", r'<a href="\1">\1</a>', part)
        part = re.sub(r"^&gt; ?(.*)$", r'<span class="quote">\1</span>', part, flags=re.M)
        part = re.sub(r"(?<!\w)\*([^*\n]+)\*(?!\w)", r"<b>\1</b>", part)
        part = re.sub(r"(?<!\w)_([^_\n]+)_(?!\w)", r"<i>\1</i>", part)
        return re.sub(r":([a-z_]+):", lambda m: _EMOJI.get(m[1], m[0]), part)

    return _with_code(text, plain, escaped=True)


def _with_code(text: str, plain: Callable[[str], str], *, escaped: bool = False) -> str:
    """Code is left as it is; what is around it goes through `plain`."""
    out: list[str] = []
    for part in re.split(r"(```.*?```|`[^`\n]+`)", text, flags=re.S):
        if part.startswith("```"):
            code = re.sub(r"^\w+\n", "", part[3:-3]).strip("\n")
            out.append(f"<pre>{code if escaped else html.escape(code, quote=False)}</pre>")
        elif part.startswith("`"):
            code = part[1:-1]
            out.append(f"<code>{code if escaped else html.escape(code, quote=False)}</code>")
        else:
            out.append(plain(part).replace("\n", "<br>"))
    return "".join(out)
