from __future__ import annotations

import pytest

from kafka_analysis.capture.ownership import file_beside, flows_of, ownership_of, read_flows, read_ownership
from kafka_analysis.model.errors import InputError

OWNERSHIP = "pattern,kind,team,criticality,application\n"
FLOWS = "client,kind,topic,bytes_per_s\n"


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(text: str, name: str = "file.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8"))
        return path

    return write


def test_ownership_is_read_in_the_order_of_its_lines(file):
    path = file(OWNERSHIP + "b*,topic,blue,high,\n\n a , client ,red,, app \n")
    assert read_ownership(path).rows() == [
        ("b*", "topic", "blue", "high", None),
        ("a", "client", "red", None, "app"),
    ]


def test_flows_are_declared_unless_they_say_otherwise(file):
    path = file("client,kind,topic,bytes_per_s,evidence\np,producer,t,1e3,\ng,group,t,,estimated\n")
    answer = read_flows(path).select("client", "kind", "topic", "bytes_per_s", "evidence").rows()
    assert answer == [("p", "producer", "t", 1000.0, "declared"), ("g", "group", "t", None, "estimated")]


def test_nothing_written_is_a_rate_of_0_where_0_is_written(file):
    assert read_flows(file(FLOWS + "p,producer,t,0\nq,producer,t,\n"))["bytes_per_s"].to_list() == [0.0, None]


def test_every_criticality_is_read(file):
    levels = ["low", "medium", "high", "critical"]
    path = file(OWNERSHIP + "".join(f"{level},topic,t,{level},\n" for level in levels))
    assert read_ownership(path)["criticality"].to_list() == levels


def test_blanks_around_names_and_on_empty_lines_are_nothing(file):
    assert read_flows(file(" client , kind,topic\n   \n\np,producer,t\n"))["client"].to_list() == ["p"]


def test_files_of_other_systems_are_read(file):
    path = file('\ufeffclient,kind,topic\r\n"größe, p",producer,t\r\n')
    assert read_flows(path)["client"].to_list() == ["größe, p"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pattern,kind,teem,criticality\n", "unknown column in .*file.csv 'teem'; did you mean 'team'"),
        (
            "pattern,kind,team\n",
            "column 'criticality' is missing; the first line must name pattern, kind, team",
        ),
        ("", "column 'pattern' is missing"),
        ("pattern,kind,team,criticality,team\n", "column 'team' is repeated"),
        (OWNERSHIP + '"a"b,topic,t,high,\n', "cannot be read .*; it must be CSV in UTF-8 with pattern, kind"),
        (
            OWNERSHIP + "a,topik,t,high,\n",
            "line 2: kind is 'topik'; .*'topic', 'producer', 'group' or 'client'",
        ),
        (OWNERSHIP + "a,topic,t,urgent,\n", "line 2: criticality is 'urgent'; .*'low', 'medium'"),
        (
            OWNERSHIP + "a,topic,t,high,\n,topic,t,high,\n",
            "line 3: pattern is empty",
        ),
        (
            OWNERSHIP + "a,topic,t,high\n",
            "line 2: 4 values where the header has 5; put values with a comma",
        ),
    ],
)
def test_a_wrong_ownership_file_is_told_with_its_line(file, text, message):
    with pytest.raises(InputError, match=message) as caught:
        read_ownership(file(text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FLOWS + "p,consumer,t,1\n", "line 2: kind is 'consumer'; it should be 'producer' or 'group'"),
        ("client,topic\np,t\n", "the column 'kind' is missing"),
        (FLOWS + "p,producer,t,-1\n", "line 2: bytes_per_s is '-1'; .* 0"),
        (FLOWS + "p,producer,t,many\n", "line 2: bytes_per_s is 'many'; .*number"),
        (FLOWS + "p,producer,t,nan\n", "line 2: bytes_per_s is 'nan'"),
        (FLOWS + "p,producer,t,inf\n", "line 2: bytes_per_s is 'inf'"),
        (FLOWS + "p,producer,,1\n", "line 2: topic is empty"),
        (
            FLOWS + "p,producer,t,1\np,producer,t,2\n",
            "line 3: the same client, kind, topic as in line 2; keep one",
        ),
        (
            "client,kind,topic,evidence\np,producer,t,guessed\n",
            "evidence is 'guessed'; .*'declared'",
        ),
    ],
)
def test_wrong_flows_are_told_with_their_line(file, text, message):
    with pytest.raises(InputError, match=message):
        read_flows(file(text))


def test_a_line_is_counted_as_an_editor_counts_it(file):
    with pytest.raises(InputError, match="line 4"):
        read_flows(file(FLOWS + '"a\nb",producer,t,1\np,x,t,1\n'))


def test_what_cannot_be_read_is_told(tmp_path):
    with pytest.raises(InputError, match=r"absent\.csv cannot be read"):
        read_flows(tmp_path / "absent.csv")
    (tmp_path / "latin.csv").write_bytes(b"client,kind,topic\ngr\xf6sse,producer,t\n")
    with pytest.raises(InputError, match="it must be CSV in UTF-8"):
        read_flows(tmp_path / "latin.csv")


def test_files_lie_beside_the_capture_unless_a_path_is_given(file, tmp_path):
    capture = tmp_path / "capture"
    assert ownership_of(capture).is_empty()
    assert flows_of(capture).is_empty()
    file(OWNERSHIP + "a,topic,t,high,\n", "capture.ownership.csv")
    file(FLOWS + "p,producer,t,1\n", "capture.flows.csv")
    assert ownership_of(capture)["team"].to_list() == ["t"]
    assert flows_of(capture)["client"].to_list() == ["p"]
    other = file(FLOWS + "q,producer,t,1\n", "other.csv")
    assert flows_of(capture, other)["client"].to_list() == ["q"]


def test_a_path_that_is_given_must_be_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        ownership_of(tmp_path / "capture", tmp_path / "absent.csv")


def test_the_folder_one_stands_in_has_a_name_too(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert file_beside(".", "flows") == tmp_path / "here.flows.csv"
    (tmp_path / "here" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "here" / "below")
    assert file_beside("..", "flows") == tmp_path / "here.flows.csv"
