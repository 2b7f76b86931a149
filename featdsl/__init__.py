"""featc: declare features in `.feat` files; get checked, explained, point-in-time correct SQL.

From Python: `load` a project, or `compile_text`; see `docs/guides/python.md`.
"""

__version__ = "0.1.0"

# Type checkers know the name; `typing` itself would cost half of what this import does.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from featdsl.api.compilation import Compilation, compile_text
    from featdsl.api.declared import Dataset, Entries, Feature, Group
    from featdsl.api.diagnostics import Diagnostic, Diagnostics
    from featdsl.api.errors import (
        ArgumentError,
        CompileError,
        FeatcError,
        ProjectError,
        RunError,
    )
    from featdsl.api.project import Project, load
    from featdsl.api.result import Report, Result

__all__ = [
    "ArgumentError",
    "Compilation",
    "CompileError",
    "Dataset",
    "Diagnostic",
    "Diagnostics",
    "Entries",
    "FeatcError",
    "Feature",
    "Group",
    "Project",
    "ProjectError",
    "Report",
    "Result",
    "RunError",
    "compile_text",
    "load",
]

_MODULES = {
    "compilation": ("Compilation", "compile_text"),
    "declared": ("Dataset", "Entries", "Feature", "Group"),
    "diagnostics": ("Diagnostic", "Diagnostics"),
    "errors": ("ArgumentError", "CompileError", "FeatcError", "ProjectError", "RunError"),
    "project": ("Project", "load"),
    "result": ("Report", "Result"),
}


def __getattr__(name: str) -> object:
    # Late: `featc --help` imports this package, and pays for nothing but this text.
    for module, names in _MODULES.items():
        if name in names:
            from importlib import import_module

            found = getattr(import_module(f"featdsl.api.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'featdsl' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
