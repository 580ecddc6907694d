"""What the watch says in English, told again in the reader's language.

Reasons, notes and names of parts are composed below the conversation, with values in them, and
are kept like that: «no debt of Amazon was filed by 2022-10-25». Each form stands here as a message
of the catalogues; a text is matched with the forms, and what stands in its gaps is told too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

COMPANIES = (
    "Microsoft", "Alphabet", "Amazon", "Meta", "Oracle", "Nvidia", "Palantir", "CoreWeave",
)  # fmt: skip
LINES = (
    "backlog", "capex", "commitments", "cost of revenue", "debt", "depreciation",
    "depreciation and amortisation", "finance leases", "gross profit",
    "gross property and equipment", "interest", "inventory", "net income", "new debt",
    "operating cash flow", "operating income", "operating leases", "private stakes",
    "receivables", "revenue",
)  # fmt: skip
TAGS = (
    "CommercialPaper", "DebtCurrent", "DebtExLease", "FinanceLeaseLiability",
    "FinanceLeaseLiabilityCurrent", "FinanceLeaseLiabilityNoncurrent", "LongTermDebt",
    "LongTermDebtAndCapitalLeaseObligations", "LongTermDebtCurrent", "LongTermDebtNoncurrent",
    "LongTermNotesAndLoans", "LongTermNotesPayable", "NotesPayableCurrent",
    "OperatingLeaseLiability", "OperatingLeaseLiabilityCurrent",
    "OperatingLeaseLiabilityNoncurrent", "ShortTermBorrowings",
)  # fmt: skip
"""What companies' filings call their debts; in English they stay as they are filed."""
COUNTRIES = (
    "United States", "China", "Germany", "Japan", "India", "United Kingdom", "France", "Italy",
    "Brazil", "Canada", "Russian Federation", "Korea, Rep.", "Mexico", "Australia", "Spain",
)  # fmt: skip

PARTS = (
    "AI basket", "S&P 500", "all but AI", "base", "before", "now", "peak", "price", "shares",
    "spread", "close", "Oracle partners", "BlackRock",
    "{ticker} this year", "{country} {year}", "{company} {tag}", "{ticker} {line}",
)  # fmt: skip

MISSING = (
    "no source has given anything yet",
    "its formula failed unexpectedly ({error})",
    "{company}'s {line} for {day} was not filed under a known tag",
    "no recent report of {company} is known",
    "no report of {company} is known",
    "{company} has not tagged its {line} within a year",
    "{company}'s debt about {day} is not known",
    "no debt of {company} was filed by {day}",
    "{company}'s filing for {day} has no long-term debt under a known tag",
    "{company}'s newest known balance is of {day}, too old to carry",
    "{company}'s yearly {line} is not known",
    "leases are not tagged on the balance of {day}",
    "the operating income of the year before is not known",
    "operations brought in no cash: no share of it",
    "Oracle lost money in the quarter to {day}: no share of income",
    "Nvidia had no free cash flow",
    "the server life of {names} is not entered for {day}",
    "the server life that {names} states is not entered",
    "no fact “{key}” is entered for {day}",
    "the product of {names} is not known",
    "no share count of {ticker} was known on that day",
    "the market cap of {day}, four months before, is not known",
    "the market values of the last session of {year} are not known",
    "no market value of {names}",
    "no close of the S&P 500 on {day}",
    "the close of the S&P 500 to compare with is not known",
    "the index moved by {n} this year: no share of that can be told",
    "the prices at the end of {year} are not known",
    "no price of {ticker} is known for {day}",
    "{names} not among the published holdings",
    "fewer than {n} quarters in a row are known",
    "the economy hardly grew ({n}): no share of that can be told",
    "no quarter is known",
    "fewer than {n} sessions of NVDA before {day} are known",
    "sessions of NVDA are missing in the three years to {day}",
    "nothing is known yet of {names}",
    "{name} has had no value since {day}",
    "{name} is missing: {reason}",
    "its value is too large to be stored",
    "it divides by zero",
)

NOTES = (
    "two later looks",
    "a second source",
    "{source}, shares of {day}",
    "{source} and {other} differ by {n}",
    "{part} moved by {n} at once, more than {limit}",
    "it moved by {n} at once, more than {limit}",
    "an estimate moves no rule",
    "undated: it may be weeks old",
    "another measure, about twice as high: the lines are not drawn for it",
    "definition changed: now {tag}",
    "of the last fiscal year: {names}",
    "to be reviewed after {day}",
    "{n} unknown",
    "{what}: met",
    "{what}: not met",
    "{what}: unknown",
    "{n} of {all} within {days} days",
    "how many of {n} conditions were met within {days} days",
    "Signs that are made of the same prices are not independent of each other.",
    "unconfirmed: {names}",
)

OUTAGES = (
    "gave no answer within {n} seconds",
    "failed unexpectedly ({error})",
    "{host} asks for fewer requests ({status})",
    "{host} refuses to answer us ({status})",
    "{host} has no such page ({status})",
    "{host} gave no page ({status})",
    "{host} is in trouble ({status})",
    "{host} did not answer within {n} s",
    "{host} cannot be reached",
    "{host} sent an endless page",
    "{host} is slow; not asked for yet",
    "the answer of {host} broke off or made no sense ({error})",
    "{reason}; the SEC wants the operator's contact, and none is set",
    "{ticker} has filed none of the wanted figures",
    "Yahoo did not answer within {n} s",
    "Yahoo does not answer ({error})",
    "Yahoo asks for fewer requests (429)",
    "Yahoo does not know {ticker}",
    "Yahoo answered {ticker} with an error ({status})",
    "Yahoo answered {ticker} without figures",
    "the process that asks Yahoo broke off; it is started again",
    "the file of {fund}'s holdings cannot be used: {error}",
    "the file of {series} cannot be used: {error}",
    "its list cannot be used: {error}",
    "its answer cannot be used: {error}",
    "the list of countries was withheld",
    "it sent nothing",
    "a web page came in its place",
    "it is not text",
    "it is empty",
)

SENDING = (
    "the channel is gone",
    "the channel was deleted",
    "I may not see the channel; give me View Channel there",
    "I may not post there; give me Send Messages and Embed Links",
    "this person takes no messages from me",
    "messages cannot be posted in that kind of channel",
    "the thread is closed",
    "the thread is locked",
    "the server is gone, or I am no longer in it",
    "the bot was removed from the server",
    "Discord no longer takes the bot's token",
    "Discord asks for a pause",
    "Discord asks for a pause: {error}",
    "Discord cannot be reached",
    "Discord refuses: {error}",
    "Discord failed: {error}",
    "not signed in to Discord yet",
    "the connection was lost ({error})",
    "no answer within {n} s",
    "given up after {n} h: {reason}",
    "the board was unpinned",
    "moved to destination {n}",
    "in message {n}",
    "Slack asks to wait before {method}",
    "Slack says {error} to {method}",
    "Slack answers {method} with {error}",
    "Slack did not answer {method} in {n} s",
    "Slack cannot be reached ({error})",
    "the connection to Slack broke during {method} ({error})",
    "{method} waits for its turn",
    "the socket did not say hello",
    "“{channel}” could not be reached or did not take the message",
    "“{channel}” refused the message ({status})",
    "“{channel}” answered with {status}",
    "“{channel}” did not answer within {n} s",
    "BUBBLEWATCH_APPRISE has no “{channel}” any more",
)

FORMS = (*MISSING, *NOTES, *OUTAGES, *SENDING, *PARTS)
DAY = "{year}-{month}-{day}"
MARKS = ("; ", ": ", ", ")
TOLD = (*FORMS, *COMPANIES, *LINES, *TAGS, *COUNTRIES, DAY, *MARKS)

_AS_IT_IS = {"error", "host", "key", "method", "series", "status", "channel", "fund"}
"""Gaps with what machines and other people wrote."""
_GAPS = {
    "company": "|".join(COMPANIES),
    "country": "|".join(map(re.escape, COUNTRIES)),
    "line": "|".join(sorted(LINES, key=len, reverse=True)),
    "host": r"[^\s:]+(?::\d+)?",
    "day": r"\d{4}-\d\d-\d\d",
    "year": r"\d{4}",
    "status": r"\d{3}",
    "ticker": r"[A-Z^][A-Z0-9.=^-]*",
    "tag": r"[A-Z]\w+",
    "method": r"[a-z][\w.]+",
    **dict.fromkeys(("n", "all", "days", "limit"), r"[+\-−]?[\d.,]+(?:%|×| points)?"),
}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PIECE = re.compile(r"{(\w+)}")
_DEEPEST = 4

Say = Callable[..., str]


def told(text: str, say: Say, depth: int = 0) -> str:
    """`text` by the catalogue behind `say`; unchanged where no form fits it.

    Of several sentences with semicolons between them each is told for itself.
    """
    if depth > _DEEPEST or not text:
        return text
    if (said := say(text)) != text:
        return said
    for form, pattern in _patterns():
        if (match := pattern.fullmatch(text)) is not None:
            gaps = {
                name: _gap(name, value, say, depth) for name, value in match.groupdict().items()
            }
            return say(form, **gaps)
    for mark in MARKS:
        if mark in text:
            pieces = text.split(mark)
            again = [told(piece, say, depth + 1) for piece in pieces]
            if again != pieces:
                return say(mark).join(again)
    return text


def _gap(name: str, value: str, say: Say, depth: int) -> str:
    if name in _AS_IT_IS:
        return value
    if (day := _DAY.fullmatch(value)) is not None:
        year, month, of_month = map(int, day.groups())
        return say(DAY, year=year, month=month, day=of_month)
    if name == "names":
        return say(", ").join(told(one, say, depth + 1) for one in value.split(", "))
    return told(value, say, depth + 1)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Those that say most by themselves first."""
    forms = [form for form in FORMS if "{" in form]
    forms.sort(key=lambda form: -len(_PIECE.sub("", form)))
    return tuple((form, re.compile("".join(_pieces(form)), re.DOTALL)) for form in forms)


def _pieces(form: str) -> Iterator[str]:
    for at, piece in enumerate(_PIECE.split(form)):
        if at % 2 == 0:
            yield re.escape(piece)
        else:
            yield f"(?P<{piece}>{_GAPS.get(piece, '.+?')})"
