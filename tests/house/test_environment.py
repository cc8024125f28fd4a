"""environment.yml, requirements.txt and pyproject.toml name the same packages with the same bounds."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

ROOT = Path(__file__).parents[2]
CONDA_NAMES = {"jupyter-client": "jupyter_client", "matplotlib": "matplotlib-base", "seaborn": "seaborn-base"}


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _bounds(text: str) -> set[str]:
    return set(str(SpecifierSet(text)).split(",")) - {""}


def test_environment_yml_has_the_names_and_bounds_of_pyproject():
    project = _project()["project"]
    wanted = {CONDA_NAMES.get(need.name, need.name): _bounds(str(need.specifier)) for need in map(Requirement, project["dependencies"])}
    wanted["python"] = _bounds(project["requires-python"])
    specs = [MatchSpec(entry) for entry in yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
             if isinstance(entry, str) and entry != "pip"]
    found = {spec.name.normalized if hasattr(spec.name, "normalized") else str(spec.name): _bounds(str(spec.version)) for spec in specs}
    assert found == wanted


def test_requirements_txt_holds_the_versions_of_the_lock():
    locked = {(package["name"], package["version"]) for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
              if "version" in package}
    lines = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines() if re.match(r"^[a-z0-9]", line)]
    pinned = {tuple(line.split(";")[0].strip().split("==")) for line in lines}
    assert len(pinned) > 100
    assert pinned <= locked


def test_every_dependency_has_its_reason_in_the_docs():
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    project = _project()
    needs = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    missing = [Requirement(need).name for need in needs if f"`{Requirement(need).name}`" not in text]
    assert missing == []
