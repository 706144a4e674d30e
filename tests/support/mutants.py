"""A pytest plugin that tries the tests on every mutant that mutmut has made, and says which of them nobody noticed.

Purpose: mutmut starts pytest anew for each mutant, which takes longer than the tests do; here they are collected
once, and each mutant is a fork that runs them until the first failure. Used by `make mutation`, in mutmut's folder.
Invariant: the tests must be green without a mutant first; a mutant that hangs or crashes counts as noticed.
To extend: what is mutated and which tests run is said in pyproject.toml, [tool.mutmut].
"""

import functools
import gc
import inspect
import json
import os
import signal
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test

SECONDS = 30
NOTICED, SURVIVED = 1, 0
RESULTS = Path("results.json")
STATISTICS = Path("mutmut-stats.json")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", default="", help="only those whose name contains this; `survived`: the last run's")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without those that need a fixture, and by name: what they alone notice counts as noticed by nobody."""
    left_out = [item for item in items if not _runs_by_itself(item)]
    for name in sorted({item.nodeid.partition("[")[0] for item in left_out}):
        print(f"left out, needs a fixture: {name}")
    items[:] = [item for item in items if _runs_by_itself(item)]


def _runs_by_itself(item: pytest.Item) -> bool:
    return inspect.signature(_function(item)).parameters.keys() <= _params(item).keys()


def pytest_runtestloop(session: pytest.Session) -> bool:
    """In place of pytest's own loop."""
    set_mutant_under_test("")
    if not _green(session.items):
        raise pytest.UsageError("the tests fail without any mutant")
    _forget()
    known: dict[str, int] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    names = _chosen(known, session.config.getoption("--mutants"))
    results = {name: code for name, code in known.items() if name in _names()}
    reached = json.loads(STATISTICS.read_text())["tests_by_mangled_function_name"]
    for name in names:
        results[name] = _tried(name, _tests_of(name, session, reached))
        RESULTS.write_text(json.dumps(results, indent=0))
    _tell(results)
    return True


def _forget() -> None:
    """What functions have remembered since they ran without a mutant: else no mutant inside of them would be tried."""
    for found in gc.get_objects():
        if isinstance(found, functools._lru_cache_wrapper):
            found.cache_clear()


def _names() -> list[str]:
    files = sorted(Path().glob("syncapp/**/*.meta"))
    return [name for file in files for name in json.loads(file.read_text())["exit_code_by_key"]]


def _chosen(known: dict[str, int], word: str) -> list[str]:
    if word == "survived":
        return [name for name in _names() if known.get(name, SURVIVED) == SURVIVED]
    return [name for name in _names() if word in name]


def _green(items: Sequence[pytest.Item]) -> bool:
    """Until one fails. Without pytest's ceremony, which takes most of the time; those that need a fixture are out."""
    for item in items:
        try:
            _function(item)(**_params(item))
        except Exception:
            return False
    return True


def _function(item: pytest.Item) -> Callable[..., None]:
    return item.obj  # type: ignore[attr-defined, no-any-return]


def _params(item: pytest.Item) -> dict[str, Any]:
    call = getattr(item, "callspec", None)
    return call.params if call else {}


def _tests_of(name: str, session: pytest.Session, reached: Mapping[str, Sequence[str]]) -> list[pytest.Item]:
    """The tests that reach the mutated function at all, as mutmut has seen."""
    chosen = set(reached.get(name.rpartition("__mutmut_")[0], ()))
    return [item for item in session.items if item.nodeid in chosen]


def _tried(name: str, items: Sequence[pytest.Item]) -> int:
    """NOTICED or SURVIVED, from a child that has everything imported and collected already."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor: on a busy machine nothing hangs by itself
        code = NOTICED
        try:
            set_mutant_under_test(name)
            code = SURVIVED if _green(items) else NOTICED
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return SURVIVED if status == 0 else NOTICED


def _tell(results: Mapping[str, int]) -> None:
    survivors = Counter(name.rpartition("__mutmut_")[0] for name, code in results.items() if code == SURVIVED)
    for function, number in sorted(survivors.items()):
        print(f"{number:4}  {function}")
    noticed = sum(code == NOTICED for code in results.values())
    print(f"{noticed} of {len(results)} mutants noticed: {noticed / max(len(results), 1):.1%}")


def _configured() -> list[str]:
    """The tests that pyproject.toml names."""
    with Path("pyproject.toml").open("rb") as file:
        chosen: list[str] = tomllib.load(file)["tool"]["mutmut"]["pytest_add_cli_args_test_selection"]
    return chosen


if __name__ == "__main__":
    print("\n".join(_configured()))
