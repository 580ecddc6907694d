"""What the AI basket was worth at the end of a year that the record does not reach.

Who starts the program in a later year needs these to tell that year's gain. As the exchange's list
of that evening gives them, kept in rreichel3/US-Stock-Symbols @5fd922ce of 2026-01-01, 00:31 UTC;
its last prices are the closes of 31 December 2025 (Nvidia 186.50).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

YEAR_END_CAPS: Mapping[int, Mapping[str, Decimal]] = {
    2025: {
        "NVDA": Decimal(4531950000000),
        "MSFT": Decimal(3594446481511),
        "AAPL": Decimal(4017099326580),
        "GOOGL": Decimal(3776971000000),
        "AMZN": Decimal(2467515659659),
        "META": Decimal(1663775061504),
        "AVGO": Decimal(1640954861834),
        "TSLA": Decimal(1495687395783),
        "ORCL": Decimal(560001768300),
        "PLTR": Decimal(423655809080),
        "AMD": Decimal(348661376206),
        "MU": Decimal(321231598182),
        "CRM": Decimal(248220670000),
        "NOW": Decimal(159071070567),
        "IBM": Decimal(276877915369),
        "QCOM": Decimal(183194550000),
        "INTC": Decimal(161511300000),
        "AMAT": Decimal(203778515628),
        "LRCX": Decimal(215007215400),
        "KLAC": Decimal(159652202057),
        "ANET": Decimal(165004122722),
        "DELL": Decimal(83419367477),
        "HPE": Decimal(32055486767),
        "SMCI": Decimal(17473345063),
        "ADBE": Decimal(146505814000),
        "ACN": Decimal(177194051019),
        "ETN": Decimal(123709284000),
        "GEV": Decimal(177326912389),
        "CEG": Decimal(110322716562),
        "DLR": Decimal(53143125110),
    },
}
"""By year and company in dollars, of the whole company; Alphabet once."""
