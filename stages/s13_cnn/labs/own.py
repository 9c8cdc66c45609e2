"""The student's own modules for a lab, and in place of what is still to do the solutions."""

import ast
import importlib
import sys
import textwrap
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path

from grader.course import Course
from grader.pristine import pristine


class StageNeededError(Exception):
    """A stage must be done first: there is neither an answer of the student's nor a solution."""

    def _render_traceback_(self):
        """What a notebook shows: the message alone."""
        return str(self).split("\n")


def own(*names):
    """Load stages for a lab, and say whose they are.

    Parameters
    ----------
    *names : str
        Such as ``"conv"``. What these stages build on is loaded too, in the same way.

    Returns
    -------
    modules : ModuleType, or a tuple of them
        One for each name.

    Raises
    ------
    StageNeededError
        A stage is still to do, and its solution is not released yet.

    Notes
    -----
    From then on the stages' full names mean, for every import in this process, the files that
    were chosen here: a later stage must find the same earlier ones, whoever wrote them. A
    notebook loads a changed file again, from the same place; call this again to choose anew.
    """
    unit, _ = Course.find(Path(__file__)).select(names)
    known = {name: stage for stage in unit.stages for name in (stage.name, stage.id)}
    asked = [known[name] for name in names]
    wanted = {stage.id for each in asked for stage in (*each.needed, each)}
    stages = [stage for stage in unit.stages if stage.id in wanted]
    lacking = {stage.id: why for stage in stages if (why := _still_to_do(stage))}
    _require_solutions(stages, lacking)

    modules = {}
    for stage in stages:  # in the order in which they build on each other
        if stage.id not in lacking:
            try:
                modules[stage.id] = _load(stage, stage.file)
                why = _gone(stage, modules[stage.id])
            except (Exception, SystemExit) as error:
                why = f"does not load: {type(error).__name__}: {error}"
            if not why:
                continue
            lacking[stage.id] = why
            _require_solutions(stages, lacking)
        modules[stage.id] = _load(stage, stage.solution)
    print(_notice(stages, lacking))
    found = tuple(modules[stage.id] for stage in asked)
    return found[0] if len(found) == 1 else found


def _still_to_do(stage):
    """Return why a student's file cannot be used as it stands, empty if nothing is known."""
    try:
        tree = ast.parse(stage.file.read_bytes())
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    except SyntaxError as error:
        return f"does not load: {error.msg}, line {error.lineno}"
    except ValueError as error:
        return f"does not load: {error}"
    undone = [name for name in _given(stage) if _is_to_do(tree, stage, name)]
    return f"{_few(undone)} still to do" if undone else ""


def _gone(stage, module):
    """Return which of the stage's functions a module lacks, empty if none."""
    gone = [name for name in _given(stage) if not _has(module, name)]
    return f"{_few(gone)} not there" if gone else ""


def _has(module, name):
    owner, _, last = name.rpartition(".")
    return hasattr(getattr(module, owner, None) if owner else module, last)


def _few(names):
    first, *others = names
    return f"{first} and {len(others)} more are" if others else f"{first} is"


def _given(stage):
    """Return the full names of the functions and methods that the stage hands out."""
    names = []
    for node in ast.parse(pristine(stage)).body:
        if isinstance(node, ast.FunctionDef):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            names += [f"{node.name}.{method.name}" for method in methods]
    return names


def _definition(tree, name):
    """Return the function of that full name; None where it is not defined with ``def``.

    A method may be that of a base class in the same file.
    """
    owner, _, last = name.rpartition(".")
    if not owner:
        return _bound(tree, last, ast.FunctionDef)
    family, seen = [owner], set()
    while family:
        kind = _bound(tree, family.pop(0), ast.ClassDef)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        if _binds(kind, last):
            return _bound(kind, last, ast.FunctionDef)
        family += [base.id for base in kind.bases if isinstance(base, ast.Name)]
    return None


def _binds(node, name):
    return any(name in _names(each) for each in node.body)


def _bound(node, name, kind):
    """Return what a body binds a name to at last, if that is a definition of this kind."""
    last = next((each for each in reversed(node.body) if name in _names(each)), None)
    return last if isinstance(last, kind) else None


def _names(statement):
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _is_to_do(tree, stage, name):
    """Whether a function still raises what its stub does; behind a return it never gets there."""
    function = _definition(tree, name)
    body = function.body if function else []
    ends = (i for i, each in enumerate(body) if isinstance(each, ast.Return | ast.Raise))
    reached = body[: next(ends, len(body)) + 1]
    return any(map(_raises_not_implemented, reached)) or any(
        _raises_not_implemented(each) and f"{stage.id}: {name}" in ast.unparse(each)
        for statement in reached
        for each in ast.walk(statement)
    )


def _raises_not_implemented(node):
    if not isinstance(node, ast.Raise) or not node.exc:
        return False
    kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(kind, ast.Name) and kind.id == "NotImplementedError"


class _Chosen:
    """Finds a stage in the file that was chosen for it, at its first import and at every other.

    Parameters
    ----------
    files : dict of str to Path
        By the stage's full name.
    """

    def __init__(self):
        self.files = {}

    def find_spec(self, name, path=None, target=None):
        """Return where a module is loaded from, None if it is none of these."""
        if name in self.files:
            file = str(self.files[name])
            return spec_from_file_location(name, file, loader=_FromSource(name, file))
        return None


class _FromSource(SourceFileLoader):
    """Compiles the text as it is now: compiled code may be older than it looks."""

    def get_code(self, fullname):
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)


def _load(stage, path):
    """Load a file under the stage's full name, and let every later import find it there."""
    # A notebook loads this module anew too: the finder may be that of an earlier one.
    earlier = (each for each in sys.meta_path if type(each).__name__ == _Chosen.__name__)
    chosen = next(earlier, None)
    if chosen is None:
        chosen = _Chosen()
        sys.meta_path.insert(0, chosen)
    chosen.files[stage.module] = path
    sys.modules.pop(stage.module, None)
    return importlib.import_module(stage.module)


def _require_solutions(stages, lacking):
    """Refuse if a stage that is lacking has no solution either."""
    sealed = [each for each in stages if each.id in lacking and not each.solution.is_file()]
    if sealed:
        first = sealed[0].file.relative_to(sealed[0].root).as_posix()
        raise StageNeededError(
            "This lab needs stages whose solutions are not released yet:\n"
            f"{_table(sealed, lacking)}\n"
            f"Do {sealed[0].name} first, in {first}, and run this cell again."
        )


def _notice(stages, lacking):
    mine = ", ".join(stage.name for stage in stages if stage.id not in lacking)
    if not lacking:
        return f"This lab runs on your own {mine}." if mine else "No stage was asked for."
    instead = [stage for stage in stages if stage.id in lacking]
    return (
        "This lab runs on SOLUTIONS in place of yours, for\n"
        + _table(instead, lacking)
        + (f"\nand on your own {mine}." if mine else "")
    )


def _table(stages, lacking):
    width = max(len(stage.name) for stage in stages)
    return "\n".join(
        f"  {stage.name:<{width}}  {textwrap.shorten(lacking[stage.id], 76 - width)}"
        for stage in stages
    )
