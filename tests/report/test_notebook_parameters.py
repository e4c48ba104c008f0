"""What a notebook hands to its analysis: every name of its parameters cell and of the one papermill injects."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from kafka_analysis.model.parameters import MODELS
from kafka_analysis.model.parameters.cell import SAMPLE, parameters_cell
from kafka_analysis.report import notebook_parameters

CELL = 'capture = "../data/sample"  # folder\ntop_n = 10  # rows\ncluster = None  # one'
CALL = "from kafka_analysis import report\nreport.notebook_parameters()"


@pytest.fixture
def notebook(monkeypatch):
    """Return a function that runs the code of notebook cells, the last one excepted, as a kernel does."""

    def run(*sources: str, now: str = CALL):
        names: dict[str, object] = {}
        for source in sources:
            exec(source, names)
        shell = SimpleNamespace(user_ns=names | {"In": ["", *sources, now]})
        monkeypatch.setattr("IPython.get_ipython", lambda: shell)
        return notebook_parameters()

    return run


def test_the_values_of_the_parameters_cell(notebook):
    assert notebook(CELL) == {"capture": "../data/sample", "top_n": 10, "cluster": None}


def test_injected_values_count_and_unknown_names_are_among_them(notebook):
    injected = '# Parameters\ncapture = "other"\ntop_n = 3\ntopn = 4\n'
    assert notebook(CELL, injected) == {"capture": "other", "top_n": 3, "cluster": None, "topn": 4}


def test_without_an_injected_capture_the_cell_s_counts(notebook):
    assert notebook(CELL, "# Parameters\nnobody = 1\n") == {
        "capture": "../data/sample", "top_n": 10, "cluster": None, "nobody": 1,
    }  # fmt: skip


def test_a_cell_edited_and_run_again_counts_alone(notebook):
    """In JupyterLab: an option taken away from the cell is no longer given."""
    assert notebook(CELL, "x = 3", 'capture = "again"\ntop_n = 7') == {"capture": "again", "top_n": 7}


def test_other_cells_are_no_parameters(notebook):
    assert notebook(
        CELL, "rows = 5", "import math\ntop = math.inf", "def capture_of(): return 1"
    ) == notebook(CELL)


def test_without_a_notebook_it_says_so(monkeypatch):
    monkeypatch.setattr("IPython.get_ipython", lambda: None)
    with pytest.raises(RuntimeError, match="notebook"):
        notebook_parameters()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.notebook)
def test_the_cells_of_our_notebooks_are_the_models_defaults(notebook, model):
    given = notebook(parameters_cell(model))
    assert given.pop("capture") == SAMPLE
    assert model(capture="c", **given) == model(capture="c")
