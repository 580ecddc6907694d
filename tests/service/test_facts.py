"""`bubblewatch fact`: the ledger at the terminal."""

from __future__ import annotations

import json
from pathlib import Path

from tests.service.conftest import ask

URL = "https://example.org/news"


def test_a_fact_is_entered_listed_and_retired(data: Path) -> None:
    line = ("openai_valuation", "830B", "on", "2025-11-28", "from", URL, "note", "a big round")
    assert ask(data, "fact", "add", *line).returncode == 0
    listed = json.loads(ask(data, "fact", "list", "openai_valuation", "--json").stdout)
    assert (listed[-1]["value"], listed[-1]["note"]) == ("830000000000", "a big round")
    done = ask(data, "fact", "retire", "openai_valuation", "on", "2025-11-28")
    assert "Retired" in done.stdout


def test_a_table_with_a_mistake_names_the_line_and_enters_nothing(data: Path) -> None:
    table = data / "facts.csv"
    table.write_text(
        "key,value,date,source_url,entered_by,review_after,note\n"
        f"ai_adoption,0.9,2025-11-20,{URL},Ada,2026-11-20,fine\n"
        f"ai_adoption,many,2025-11-20,{URL},Ada,2026-11-20,\n"
    )
    done = ask(data, "fact", "import", str(table))
    assert done.returncode == 1
    assert "line 3: its value “many” is not a number" in done.stderr
    assert "Nothing was entered." in done.stderr
