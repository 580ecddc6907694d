"""The tables."""

from alerts.store.models.own import FactRow, OwnIndicatorRow, TickerRow
from alerts.store.models.places import (
    CredentialRow,
    DestinationRow,
    Digest,
    MemoryRow,
    SubscriptionRow,
    WorkspaceRow,
)
from alerts.store.models.rules import ActKind, ActRow, ConditionRow, RuleRow, Where
from alerts.store.models.table import Table, UtcDateTime, Word
from alerts.store.models.telling import (
    AlertRow,
    AttemptRow,
    DeliveryKind,
    DeliveryRow,
    DeliveryState,
)
from alerts.store.models.watching import (
    EvidenceRow,
    IndicatorRow,
    MeasureRow,
    ObservationRow,
    SourceRow,
)

__all__ = [
    "ActKind",
    "ActRow",
    "AlertRow",
    "AttemptRow",
    "ConditionRow",
    "CredentialRow",
    "DeliveryKind",
    "DeliveryRow",
    "DeliveryState",
    "DestinationRow",
    "Digest",
    "EvidenceRow",
    "FactRow",
    "IndicatorRow",
    "MeasureRow",
    "MemoryRow",
    "ObservationRow",
    "OwnIndicatorRow",
    "RuleRow",
    "SourceRow",
    "SubscriptionRow",
    "Table",
    "TickerRow",
    "UtcDateTime",
    "Where",
    "Word",
    "WorkspaceRow",
]
