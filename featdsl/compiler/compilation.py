"""What compiling a project gives."""

from __future__ import annotations

from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.ir.manifest import Manifest
from featdsl.ir.program import Program
from featdsl.syntax.nodes import Module
from featdsl.text.sources import SourceSet


@dataclass(frozen=True, slots=True)
class Compilation:
    """Program and diagnostics of a project.

    ``program`` holds what is sound where there are errors, and is complete where ``ok``.
    """

    texts: SourceSet
    modules: tuple[Module, ...]
    program: Program
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return not any(d.severity is Severity.ERROR for d in self.diagnostics)

    def manifest(self, *, sentences: bool = True) -> Manifest:
        """Everything declared, for docs and tools; with no need to read it, without sentences."""
        from featdsl.compiler.manifest import build_manifest

        return build_manifest(self.program, self.texts, self.modules, sentences=sentences)
