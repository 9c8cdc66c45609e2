"""Run a lab as a notebook does: its cells one after another, in one IPython.

    python tests/run_lab.py stages/s13_cnn/labs/edges.md FOLDER

Live cells are comments that begin with ``notebook``, and blocks of examples; what an example
prints must be what stands there. Plots and weights go to FOLDER. Ends with 1 at the first cell
that fails.
"""

import doctest
import re
import sys
from pathlib import Path

CELL = re.compile(r"^<!-- notebook\n(.*?)^-->|^```python\n(>>>.*?)^```", re.DOTALL | re.MULTILINE)


def cells(text):
    """Return the live cells of a lab: code, and whether it is a block of examples."""
    return [(match[1] or match[2], match[1] is None) for match in CELL.finditer(text)]


def main(lab, folder):
    """Run the cells; return the exit code."""
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell

    from stages.s13_cnn.labs import training

    plots = []

    def show():
        for number in plt.get_fignums():
            plots.append(folder / f"{lab.stem}-{len(plots):02}.png")
            plt.figure(number).savefig(plots[-1], dpi=80)
        plt.close("all")

    plt.show = show
    training.weights_file = lambda name: folder / f"{name}.npz"
    shell = InteractiveShell.instance()
    for code, examples in cells(lab.read_text(encoding="utf-8")):
        if examples:
            test = doctest.DocTestParser().get_doctest(code, {}, lab.stem, str(lab), 0)
            test.globs = shell.user_ns
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
            if runner.run(test, clear_globs=False).failed:
                return 1
        elif not shell.run_cell(code).success:
            return 1
    print(f"{len(plots)} plots")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
