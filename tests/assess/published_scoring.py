"""The published scoring rules that the engine is held against, as files beside this one."""

from pathlib import Path

from liantu.assess.scoring import ScoringRules, load_rules

FOLDER = Path(__file__).parent / "published_rules"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))


def published(name: str) -> ScoringRules:
    """A published scoring rule by its id."""
    return load_rules(FOLDER / f"{name}.yml")
