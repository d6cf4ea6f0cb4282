"""What came of drives as bytes, without the model that every outcome has; read back as values and nothing else."""

from __future__ import annotations

import io
import pickle
import sys
from dataclasses import is_dataclass
from enum import Enum
from typing import Any

from simsync.engine.model import Model

OTHERS = {("builtins", "frozenset"), ("builtins", "set")}
"""Types that are not of simsync's and may stand in what is read."""


def packed(value: object, model: Model) -> bytes:
    """A value as bytes."""
    blob = io.BytesIO()
    _Pickler(blob, model).dump(value)
    return blob.getvalue()


def unpacked(blob: bytes, model: Model) -> Any:
    """The value, under this model. Raises whatever damaged bytes make its reader raise."""
    return _Unpickler(blob, model).load()


class _Pickler(pickle.Pickler):
    """Leaves out the model, which every outcome has."""

    def __init__(self, file: io.BytesIO, model: Model) -> None:
        super().__init__(file)
        self._model = model

    def persistent_id(self, obj: Any) -> str | None:
        """How the model is called."""
        return "model" if obj is self._model else None

    def reducer_override(self, obj: Any) -> Any:
        """How a member of an enumeration is made: by its value, where some versions of Python look up its name."""
        return (type(obj), (obj.value,)) if isinstance(obj, Enum) else NotImplemented


class _Unpickler(pickle.Unpickler):
    """Makes values of simsync's own, and calls nothing else: what is read may be from anybody."""

    def __init__(self, blob: bytes, model: Model) -> None:
        super().__init__(io.BytesIO(blob))
        self._model = model

    def persistent_load(self, pid: Any) -> Model:
        """The model here."""
        assert pid == "model"
        return self._model

    def find_class(self, module: str, name: str) -> Any:
        """A type of simsync's that only holds values; nothing is imported for it, which would run what is there."""
        if (module, name) in OTHERS:
            return super().find_class(module, name)
        found = vars(sys.modules[module]).get(name) if module.startswith("simsync.") and module in sys.modules else None
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, (tuple, Enum))):
            return found
        raise pickle.UnpicklingError(f"'{module}.{name}' holds no values of simsync's")
