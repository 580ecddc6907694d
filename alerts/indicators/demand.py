"""Whether somebody needs all this: surveys and statements by hand (CATALOGUE M7 to M16)."""

from __future__ import annotations

from datetime import date, timedelta

from alerts.indicators import ARTICLE, Claim, Indicator, Meaning, Names, Section
from alerts.indicators.preset_lines import above
from alerts.indicators.stated import (
    A_YEAR,
    HALF_A_YEAR,
    Book,
    Sum,
    of_facts,
    part_of,
    the_fact,
    view,
)
from alerts.quantity import Unit
from alerts.reading import Part

THE_ARTICLE = date(2025, 11, 30)
BY_HAND = "entered by hand"


def utilisation(book: Book, on: date) -> Sum:
    used = the_fact(book, "data_centre_utilisation", on)
    views: list[Part] = []
    vacancy = book["data_centre_vacancy"].on(on)
    if vacancy is not None:
        views.append(view("vacancy", vacancy.value, Unit.FRACTION, vacancy))
    fibre = book["fibre_utilisation_2000"].on(on)
    if fibre is not None:
        views.append(view("fibre in use in 2000", fibre.value, Unit.FRACTION, fibre))
    return Sum(
        used.value,
        (used,),
        (part_of(used, Unit.FRACTION),),
        "share of capacity in use",
        tuple(views),
    )


def _fact(
    key: str,
    names: Names,
    unit: Unit,
    caveat: str,
    says: str,
    *,
    section: Section = Section.FUNDAMENTALS,
    meaning: Meaning = Meaning.SUPPORTIVE,
    on: date = THE_ARTICLE,
    url: str = ARTICLE,
    stale_after: timedelta = A_YEAR,
    heat: tuple[str, ...] = (),
) -> Indicator:
    return of_facts(
        key,
        names,
        section,
        unit,
        meaning,
        formula=BY_HAND,
        caveat=caveat,
        stale_after=stale_after,
        claim=Claim(says, on, url),
        presets=above("heat", *heat),
    )


INDICATORS = (
    _fact(
        "top_decile_spending_share",
        Names("Top-10% share of spending", "最富 10% 消費占比", "最富 10% 消费占比"),
        Unit.FRACTION,
        "Estimated from who earns what, not from what they buy; the method is disputed.",
        "the richest tenth do half of all spending",
        section=Section.CONCENTRATION,
        meaning=Meaning.HOTTER,
        heat=("50%", "52%"),
    ),
    _fact(
        "openai_annualised_revenue",
        Names("OpenAI annualised revenue", "OpenAI 年化營收", "OpenAI 年化营收"),
        Unit.USD,
        "Twelve times one good month is not a year's revenue.",
        "more than 20 billion a year by the end of 2025",
        on=date(2025, 11, 6),
        url="https://x.com/sama/status/1986514377470845007",
        stale_after=HALF_A_YEAR,
    ),
    _fact(
        "venture_capital_ai_share",
        Names("AI share of venture capital", "AI 占創投比重", "AI 占风投比重"),
        Unit.FRACTION,
        "Anything with AI in its pitch is counted as AI.",
        "half of venture capital in two years",
        meaning=Meaning.HOTTER,
    ),
    _fact(
        "corporate_ai_budget",
        Names("Average corporate AI budget", "企業平均 AI 投資", "企业平均 AI 投资"),
        Unit.USD,
        "Asked of large firms only, and a plan is no payment.",
        "130 million on average, 14% more than at the beginning of the year",
    ),
    _fact(
        "ai_adoption",
        Names("Firms that use AI somewhere", "企業 AI 採用率", "企业 AI 采用率"),
        Unit.FRACTION,
        "One function is enough to be counted, and few say that it earns anything.",
        "most firms use AI in at least one function",
    ),
    of_facts(
        "data_centre_utilisation",
        Names("Data-centre utilisation", "資料中心利用率", "数据中心利用率"),
        Section.FUNDAMENTALS,
        Unit.FRACTION,
        Meaning.SUPPORTIVE,
        utilisation,
        facts=("data_centre_utilisation", "data_centre_vacancy", "fibre_utilisation_2000"),
        formula=BY_HAND,
        caveat="Rented is not the same as used, and used is not the same as paid for.",
        claim=Claim(
            "80% in use and vacancy at its lowest; of the fibre of 2000 it was 7%", THE_ARTICLE
        ),
    ),
    _fact(
        "nvidia_two_year_sales",
        Names("Nvidia two-year sales visibility", "輝達兩年銷售能見度", "英伟达两年销售可见度"),
        Unit.USD,
        "Visibility is the seller's word for orders and hopes together.",
        "more than 500 billion until the end of 2026",
        on=date(2025, 11, 19),
    ),
    _fact(
        "nvidia_growth_ex_china",
        Names("Nvidia growth without China", "輝達成長（不含中國）", "英伟达增长（不含中国）"),
        Unit.FRACTION,
        "Where a chip is billed is not where it ends up.",
        "doubled without China",
        stale_after=HALF_A_YEAR,
    ),
    _fact(
        "chip_release_cadence",
        Names("Years between Nvidia generations", "輝達改版週期", "英伟达迭代周期"),
        Unit.YEARS,
        "A new chip does not stop an old one from working.",
        "from every two years to every year",
        meaning=Meaning.SUPPORTIVE,
        stale_after=timedelta(days=730),
    ),
)
