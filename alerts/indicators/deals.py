"""Promises that go round in a circle, entered by hand (CATALOGUE M1 to M6, M9, M17)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import CompanyFacts, Evidence, StatedFacts, stated, statements
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.accounts import Accounts, Unknown, need, report_of
from alerts.indicators.preset_lines import above
from alerts.indicators.stated import (
    A_YEAR,
    HALF_A_YEAR,
    Book,
    NotStated,
    Sum,
    of_facts,
    part_of,
    reading_of,
    the_fact,
    view,
)
from alerts.indicators.statement_lines import CAPEX, CASH_FLOW
from alerts.published import StatedFact
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading

THE_ARTICLE = date(2025, 11, 30)
ALTMAN = "https://x.com/sama/status/1986514377470845007"
PLEDGES = "nvidia_vendor_financing"


def commitments_to_revenue(book: Book, on: date) -> Sum:
    promised = the_fact(book, "openai_commitments", on)
    earned = the_fact(book, "openai_expected_revenue", on)
    return Sum(
        promised.value / earned.value,
        (promised, earned),
        (part_of(promised, Unit.USD), part_of(earned, Unit.USD)),
        "commitments of some eight years over one year's revenue",
    )


def vendor_financing(evidence: Evidence) -> list[Reading | Missing]:
    """Pledges so far over the free cash flow of Nvidia's last four quarters.

    A reading for each day on which a pledge or a report became known.
    """
    pledges = evidence.of(stated(PLEDGES)) or StatedFacts(())
    facts = evidence.of(statements("NVDA")) or CompanyFacts(())
    days = {fact.day for fact in pledges.standing}
    first = min(days, default=date.max)
    reports = facts.filing_days((*CASH_FLOW.tags(("NVDA",)), *CAPEX.tags(("NVDA",))))
    days |= {day for day in reports if day > first}
    found: list[Reading | Missing] = []
    for day in sorted(days):
        at = datetime.combine(day, datetime.min.time(), UTC)
        known = tuple(fact for fact in pledges.standing if fact.day <= day)
        try:
            summed = _over_cash_flow(known, Accounts("NVDA", facts, day))
        except Unknown as unknown:
            found.append(Missing(PLEDGES, at, str(unknown)))
            continue
        found.append(reading_of(PLEDGES, Unit.RATIO, at, summed))
    return found


def _over_cash_flow(pledges: tuple[StatedFact, ...], book: Accounts) -> Sum:
    end = report_of(book)
    brought_in = need(book.trailing(CASH_FLOW, end), book, CASH_FLOW, end)
    spent = need(book.trailing(CAPEX, end), book, CAPEX, end)
    free = brought_in.value - spent.value
    if free <= 0:
        raise Unknown("Nvidia had no free cash flow")
    total = sum((fact.value for fact in pledges), Decimal(0))
    parts = tuple(part_of(fact, Unit.USD, _first_word(fact)) for fact in pledges)
    return Sum(
        total / free,
        pledges,
        (*parts, brought_in.part(), spent.part()),
        "pledges over free cash flow of twelve months",
        (
            view("pledged", total, Unit.USD, pledges[-1]),
            view("free cash flow", free, Unit.USD, pledges[-1]),
        ),
    )


def _first_word(fact: StatedFact) -> str:
    """Notes of a ledger begin with whom it is about."""
    return fact.note.partition(";")[0].partition(":")[0]


def positions(book: Book, on: date) -> Sum:
    puts = the_fact(book, "burry_puts", on)
    stake = book["berkshire_alphabet_stake"].on(on)
    views: tuple[Part, ...] = ()
    if stake is not None:
        views = (view("Berkshire's stake in Alphabet", stake.value, Unit.USD, stake),)
    return Sum(
        puts.value,
        (puts,),
        (part_of(puts, Unit.USD),),
        "Burry's puts on Nvidia and Palantir, notional",
        views,
    )


COMPANIES_WITH_SERVERS = ("MSFT", "GOOGL", "AMZN", "META", "ORCL")


def server_life(book: Book, on: date) -> Sum:
    """The plain mean of the five lives stated last."""
    newest: dict[str, StatedFact] = {}
    for fact in book["stated_server_life"].standing:
        if fact.day <= on:
            newest[_first_word(fact)] = fact
    absent = [ticker for ticker in COMPANIES_WITH_SERVERS if ticker not in newest]
    if absent:
        raise NotStated(f"the server life of {', '.join(absent)} is not entered for {on}")
    facts = sorted(newest.values(), key=lambda fact: fact.day)
    parts = tuple(part_of(newest[t], Unit.YEARS, t) for t in COMPANIES_WITH_SERVERS)
    mean = sum((part.value for part in parts), Decimal(0)) / len(parts)
    return Sum(mean, tuple(facts), parts, "mean of five companies")


def deals(book: Book, on: date) -> Sum:
    """What was announced in the twelve months to a day."""
    recent = _of_a_year(book["deal_ledger"], on)
    total = sum((fact.value for fact in recent), Decimal(0))
    parts = tuple(part_of(fact, Unit.USD, _first_word(fact)) for fact in recent)
    return Sum(
        total,
        recent[-1:],
        parts,
        "announced in twelve months",
        (view("number of deals", Decimal(len(recent)), Unit.COUNT, recent[-1]),),
    )


def events(book: Book, on: date) -> Sum:
    recent = _of_a_year(book["policy_events"], on)
    parts = tuple(part_of(fact, Unit.COUNT, _first_word(fact)) for fact in recent)
    return Sum(Decimal(len(recent)), recent[-1:], parts, "in twelve months")


def _of_a_year(ledger: StatedFacts, on: date) -> tuple[StatedFact, ...]:
    return tuple(fact for fact in ledger.standing if on - timedelta(days=365) < fact.day <= on)


INDICATORS = (
    of_facts(
        "openai_commitments_to_revenue",
        Names("OpenAI commitments ÷ revenue", "OpenAI 算力承諾對營收", "OpenAI 算力承诺与营收之比"),
        Section.CIRCULAR_FINANCING,
        Unit.RATIO,
        Meaning.HOTTER,
        commitments_to_revenue,
        facts=("openai_commitments", "openai_expected_revenue"),
        formula="what OpenAI has promised to spend on computing ÷ the revenue expected this year",
        caveat="The promises reach over some eight years, and some can be stretched or dropped.",
        stale_after=HALF_A_YEAR,
        claim=Claim("1.4 trillion promised on 13 billion of revenue", THE_ARTICLE, ALTMAN),
        presets=above("heat", "50", "100", "150"),
    ),
    Indicator(
        key=PLEDGES,
        names=Names(
            "Nvidia vendor-financing pledges ÷ free cash flow",
            "輝達循環投資承諾對自由現金流",
            "英伟达循环投资承诺与自由现金流之比",
        ),
        section=Section.CIRCULAR_FINANCING,
        unit=Unit.RATIO,
        cadence=Cadence.OCCASION,
        meaning=Meaning.HOTTER,
        needs=(stated(PLEDGES), statements("NVDA")),
        series=vendor_financing,
        formula="what Nvidia has pledged to invest in its customers ÷ its free cash flow of "
        "twelve months",
        caveat="The pledges are letters of intent «up to» a sum; what was really paid is in the "
        "stakes in private firms.",
        stale_after=A_YEAR,
        guard=Guard({}),
        claim=Claim(
            "100 billion for OpenAI, which buys Nvidia's chips",
            date(2025, 9, 22),
            "https://nvidianews.nvidia.com/news/openai-and-nvidia-announce-"
            "strategic-partnership-to-deploy-10gw-of-nvidia-systems",
        ),
        lines=above("heat", "1", "1.5", "2"),
        tags=(*CASH_FLOW.tags(("NVDA",)), *CAPEX.tags(("NVDA",))),
    ),
    of_facts(
        "burry_and_berkshire_positions",
        Names(
            "Burry's puts and Berkshire's Alphabet stake",
            "伯里看跌期權與波克夏持股",
            "伯里看跌期权与伯克希尔持股",
        ),
        Section.CIRCULAR_FINANCING,
        Unit.USD,
        Meaning.CRACKING,
        positions,
        facts=("burry_puts", "berkshire_alphabet_stake"),
        formula="value of the shares under Burry's puts on Nvidia and Palantir",
        caveat="The value of the shares under a put is many times what the put cost, "
        "and his fund reports no more.",
        claim=Claim(
            "more than a billion of puts against more than four billion of Alphabet", THE_ARTICLE
        ),
    ),
    of_facts(
        "stated_server_life",
        Names("Stated server lives", "帳面伺服器年限", "账面服务器年限"),
        Section.DEBT,
        Unit.YEARS,
        Meaning.HOTTER,
        server_life,
        formula="mean of the useful lives of servers that five companies state in their yearly "
        "reports",
        caveat="The figures come from second hand; the yearly reports are the proof.",
        stale_after=timedelta(days=400),
        claim=Claim("five to six years on the books", THE_ARTICLE),
    ),
    of_facts(
        "data_centre_spend_2028",
        Names(
            "Data-centre spend to 2028, forecast",
            "2028 年前資料中心支出預測",
            "2028 年前数据中心支出预测",
        ),
        Section.DEBT,
        Unit.USD,
        Meaning.HOTTER,
        formula="a forecast, entered by hand",
        caveat="A forecast by those who sell the bonds for it.",
        claim=Claim("three trillion by 2028", THE_ARTICLE),
    ),
    of_facts(
        "deal_ledger",
        Names("Deals announced, twelve months", "融資交易清單（近一年）", "融资交易清单（近一年）"),
        Section.DEBT,
        Unit.USD,
        Meaning.HOTTER,
        deals,
        formula="sum of the deals of the last twelve months that are in the ledger",
        caveat="A ledger holds what someone entered, and many sums are «up to».",
        claim=Claim("Hyperion, a fund of 30 to 100 billion, Oracle's bonds and loans", THE_ARTICLE),
    ),
    of_facts(
        "openai_valuation",
        Names("OpenAI valuation", "OpenAI 估值", "OpenAI 估值"),
        Section.FUNDAMENTALS,
        Unit.USD,
        Meaning.HOTTER,
        formula="the last round's or sale's valuation, entered by hand",
        caveat="A sale of few shares between insiders sets the price of all.",
        stale_after=HALF_A_YEAR,
        claim=Claim("valued at 500 billion", THE_ARTICLE),
        presets=above("heat", "500B", "750B", "1T"),
    ),
    of_facts(
        "policy_events",
        Names("Policy events", "政策事件", "政策事件"),
        Section.FUNDAMENTALS,
        Unit.COUNT,
        Meaning.SUPPORTIVE,
        events,
        formula="how many events of the last twelve months are in the ledger",
        caveat="That a state pushes a thing does not make it pay.",
        claim=Claim(
            "the Genesis Mission",
            date(2025, 11, 24),
            "https://www.whitehouse.gov/presidential-actions/2025/11/launching-the-genesis-mission/",
        ),
    ),
)
