"""The evidence audit ("说了"不等于"做了"): claims that the ledgers contradict, rule by rule; counts as claimed and as evidenced."""

from liantu.assess.evidence.auditing import Evidence, audit, evidence_of
from liantu.assess.evidence.known import Known, known_of
from liantu.assess.evidence.rules_file import EvidenceRules, evidence_rules

__all__ = ["Evidence", "EvidenceRules", "Known", "audit", "evidence_of", "evidence_rules", "known_of"]
