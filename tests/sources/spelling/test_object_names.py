from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_analysis.sources.spelling.object_names import is_pattern, parse_object_name, quote, unquote

HARD = ("", "plain", 'a"b', "a\\b", "*?", "line\nfeed", "a,b=c:d", "\\n", '"', "größe", "\r\t", "\\\\*")
JAVA = """
import javax.management.ObjectName;
public class Names {
    public static void main(String[] given) throws Exception {
        for (String hex : given) {
            String text = new String(java.util.HexFormat.of().parseHex(hex), "UTF-8");
            String quoted = ObjectName.quote(text);
            ObjectName name = new ObjectName("d:type=T,k=" + quoted);
            System.out.println(java.util.HexFormat.of().formatHex(name.getCanonicalName().getBytes("UTF-8")));
        }
    }
}
"""
keys = st.text(st.characters(exclude_characters=",=:*?\n", codec="utf-8"), min_size=1)
domains = st.text(st.characters(exclude_characters=":*?\n", codec="utf-8"))


@given(st.text())
def test_what_was_quoted_comes_back(text):
    assert unquote(quote(text)) == text
    assert not is_pattern(quote(text))


@given(domains, st.dictionaries(keys, st.text(), min_size=1))
def test_any_name_comes_back(domain, properties):
    text = f"{domain}:" + ",".join(f"{key}={quote(value)}" for key, value in properties.items())
    name = parse_object_name(text)
    assert (name.domain, dict(name.properties)) == (domain, properties)


@given(st.text(alphabet='a:,="\\*?\n'))
def test_whatever_is_no_name_is_refused_and_nothing_else_happens(text):
    try:
        name = parse_object_name(text)
    except ValueError:
        return
    assert name.properties


@pytest.mark.parametrize(
    "text",
    [
        "", "d", "d:", ":", "d:k", "d:k=1,", "d:k=1,k=2", "d:k=1,*", "d:*", "d:k=*", 'd:k="a', 'd:k="a"b', 'd:k="*"',
        r'd:k="\x"', "d:k=a:b", "d:=1", "d*:k=1", "d:k=1\n",
    ],
)  # fmt: skip
def test_these_are_no_names(text):
    with pytest.raises(ValueError, match="is not an MBean name"):
        parse_object_name(text)


def test_an_empty_value_and_an_empty_domain_are_names():
    assert parse_object_name(":k=").properties == (("k", ""),)


@pytest.mark.parametrize("text", ["plain", '"', '"a', r'"a\"', r'"\x"', '"*"', '"a"b"'])
def test_these_are_not_quoted(text):
    with pytest.raises(ValueError, match="not quoted as Java"):
        unquote(text)


def test_java_quotes_and_reads_the_same(tool, tmp_path):
    java = tool("java", hint="a JDK 17 or newer")
    (tmp_path / "Names.java").write_text(JAVA, encoding="utf-8")
    command = [java, str(tmp_path / "Names.java"), *(text.encode().hex() or "" for text in HARD)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    names = [bytes.fromhex(line).decode() for line in done.stdout.splitlines()]
    assert names == [f"d:k={quote(text)},type=T" for text in HARD]
    assert [dict(parse_object_name(name).properties)["k"] for name in names] == list(HARD)
