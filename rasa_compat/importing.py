"""Changes modules while they are imported, so that nothing is loaded that the process does not need."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True)
class Mend:
    """One change to one module, made when the module is first imported.

    `module`: full name of the module that is changed.
    `reason`: why the change is needed, for the reader of the list.
    `after`: called with the module when its own code has run.
    `instead`: fills the (still empty) module in place of its own code.
    `absent`: names of top-level packages that stand-ins replace while the module's own code runs; only those that are
    not installed are replaced.
    `hidden`: the same for packages that are installed but not needed by what is used of the module.
    `lazy`: the module's own code runs when one of its attributes is first read.
    """

    module: str
    reason: str
    after: Callable[[ModuleType], None] | None = None
    instead: Callable[[ModuleType], None] | None = None
    absent: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    lazy: bool = False


class _PlaceholderType(type):
    """Reading any public attribute of a placeholder class gives another placeholder class."""

    def __getattr__(cls, name: str) -> _PlaceholderType:
        if name.startswith("__"):
            raise AttributeError(name)
        made = placeholder(name)
        setattr(cls, name, made)
        return made


def placeholder(name: str) -> _PlaceholderType:
    """A class that can be a base class, an annotation or an exception to catch, and is never raised or used."""
    return _PlaceholderType(name, (Exception,), {})


class _StandIn(ModuleType):
    """A package of placeholders."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "CONNECTION_EXCEPTIONS":  # aio_pika: a tuple of exception classes
            return ()
        made = placeholder(name)
        setattr(self, name, made)
        return made


class _StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the submodules of the packages given."""

    def __init__(self, packages: Sequence[str]) -> None:
        self.packages = tuple(packages)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.split(".", 1)[0] in self.packages:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """A stand-in has no code."""


def missing(packages: Sequence[str]) -> tuple[str, ...]:
    """Those of the top-level packages that are not installed."""
    return tuple(p for p in packages if p not in sys.modules and importlib.util.find_spec(p) is None)


@contextmanager
def stand_ins(packages: Sequence[str], hidden: Sequence[str] = ()) -> Iterator[None]:
    """Within the block, importing one of `packages` that is not installed gives placeholders.

    The same goes for `hidden` packages that are installed but not loaded yet. Afterwards the placeholders are gone
    again, so that other libraries see the truth.
    """
    absent = missing(packages) + tuple(p for p in hidden if p not in sys.modules)
    finder = _StandInFinder(absent)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        # `type`, not `isinstance`: that would ask lazy modules for their class and so load them.
        for name in [n for n, m in list(sys.modules.items()) if type(m) is _StandIn and n.split(".", 1)[0] in absent]:
            del sys.modules[name]


class _Loader(importlib.abc.Loader):
    """Runs a module's own loader with a mend around it."""

    def __init__(self, inner: importlib.abc.Loader, mend: Mend) -> None:
        self.inner = inner
        self.mend = mend

    def __getattr__(self, name: str) -> object:
        # `get_data`, `get_source`, `get_resource_reader`, …: whatever the module's own loader offers.
        return getattr(self.inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self.inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if self.mend.instead is not None:
            self.mend.instead(module)
            return
        with stand_ins(self.mend.absent, self.mend.hidden):
            self.inner.exec_module(module)
        if self.mend.after is not None:
            self.mend.after(module)


class MendingFinder(importlib.abc.MetaPathFinder):
    """First on `sys.meta_path`: puts the mends around the modules they name."""

    def __init__(self, mends: Sequence[Mend]) -> None:
        self.mends = {mend.module: mend for mend in mends}
        self._searching: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        mend = self.mends.get(fullname)
        if mend is None or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is None or spec.loader is None:
            return None
        loader: importlib.abc.Loader = _Loader(spec.loader, mend)
        if mend.lazy:
            loader = importlib.util.LazyLoader(loader)
        spec.loader = loader
        return spec
