"""What a mapping file says of a production log: how its columns are called, and the names used in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.policy.loading.shapes import Choice, Got, Key, ListOf, MapOf, Record, Shape, Text
from simsync.policy.policy import Policy
from simsync.questions.conform.systems.files import (
    AnyScalar,
    alike,
    check_distinct,
    check_one,
    mapping_shape,
    read_mapping,
    word,
)
from simsync.questions.conform.systems.mapping import Scalar, in_a_cell
from simsync.questions.replay.log.columns import COLUMNS, LogNames

NAMED = ("partners", "kinds", "statuses", "actions", "recipients")


def load_log_names(path: str, model: Model) -> LogNames:
    """What a mapping file says of a log. Raises :class:`SimsyncError` with every problem of the file."""
    policy = model.policy
    columns = (*COLUMNS, *policy.vocabulary.fields)
    keys = {
        **mapping_shape(policy, _several).keys,
        "columns": Key(MapOf("the columns", Text(empty=False), columns)),
        "ignored": Key(ListOf(Text(empty=False), or_one=True)),
        "begins in": Key(Choice(policy.vocabulary.words.status.a, policy.status.states, policy.status.aliases)),
        "copies": Key(MapOf("the copies", AnyScalar())),
        "time format": Key(Text(empty=False)),
        "status columns": Key(MapOf("the status columns", Text(empty=False), _status_keys(policy))),
    }
    got, problems = read_mapping(path, Record("a mapping file", keys))
    check_distinct(got, problems, policy, in_a_cell)
    named = _joined(got.get("fields"), got.get("columns"))
    named = _joined(named, got.get("status columns"))
    others = [one for one in columns if one != "status" or not got.get("status columns")]
    check_one("two columns", alike(others), named, problems, str)
    check_one("the copies of two items", {}, got.get("copies"), problems, in_a_cell)
    if problems:
        raise SimsyncError(problems.told)
    return _log_names(got, model)


def _status_keys(policy: Policy) -> tuple[str, ...]:
    return tuple(policy.status.states_of_each or policy.vocabulary.partners)


def _several(shape: Shape) -> Shape:
    return ListOf(shape, least=1, or_one=True)


def _log_names(got: Got, model: Model) -> LogNames:
    words = model.vocabulary
    fields = {**words.fields, **{show.name: words.fields[show.field] for show in words.shows}}
    values = {
        name: {one: theirs[word(one)] for one in fields[name].values if word(one) in theirs}
        for name, theirs in got.get("values", {}).items()
    }
    plain: dict[str, Any] = {key: dict(got.get(key, {})) for key in ("columns", "fields", "shown")}
    return LogNames(
        **plain,
        theirs={key: dict(got.get(key, {})) for key in NAMED},
        values=values,
        ignored=got.get("ignored", ()),
        begins=got.get("begins in"),
        copies={item: in_a_cell(copy) for item, copy in got.get("copies", {}).items()},
        time_format=got.get("time format"),
        status_columns=dict(got.get("status columns", {})),
        own=tuple(dict(one) for one in got.get("own items", ())),
    )


def _joined(one: Got | None, other: Got | None) -> Got | None:
    """What two mappings say; the other has the last word."""
    if one is None or other is None:
        return one or other
    both = Got(other.node, {**one.nodes, **other.nodes})
    both.update({**one, **other})
    return both


def turned(names: Mapping[Any, tuple[Scalar, ...]], known: Iterable[Any]) -> dict[str, Any]:
    """All that each of our names is called, to ours."""
    return {in_a_cell(one): ours for ours in known for one in names.get(ours, (ours,))}
