from __future__ import annotations

import pytest

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.sources.profiles import load_profile

CLUSTER = '[[clusters]]\nname = "c"\nbootstrap_servers = ["b-1:9092", "b-2:9092"]\n'
SASL = 'protocol = "SASL_SSL"\nmechanism = "SCRAM-SHA-512"\nusername = "ann"\n'


@pytest.fixture
def load(tmp_path):
    def of(text):
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
        return load_profile(tmp_path / "p.toml")

    return of


def test_the_least_is_a_name_and_an_address(load):
    (cluster,) = load(CLUSTER).clusters
    assert (cluster.bootstrap_servers, cluster.security.protocol) == ("b-1:9092,b-2:9092", "PLAINTEXT")


@pytest.mark.parametrize("given", ['"mm2.properties"', '["mm2.properties"]'])
def test_files_of_mirror_maker_are_beside_the_profile(load, tmp_path, given):
    (cluster,) = load(CLUSTER + f"mirror_properties = {given}\n").clusters
    assert cluster.mirror_properties == (tmp_path / "mm2.properties",)


def test_files_are_beside_the_profile_and_secrets_are_read_late(load, tmp_path, monkeypatch):
    (tmp_path / "pw").write_text("hush\n")
    text = CLUSTER + "[clusters.security]\n" + SASL + 'password = {file = "pw"}\nca_file = "ca.pem"\n'
    security = load(text).clusters[0].security
    assert str(security.ca_file) == str(tmp_path / "ca.pem")
    assert security.password.read() == "hush"
    from_env = load(text.replace('{file = "pw"}', '{env = "KA_TEST_PW"}')).clusters[0].security
    with pytest.raises(ProfileError, match="KA_TEST_PW is not set"):
        from_env.password.read()
    monkeypatch.setenv("KA_TEST_PW", "hush")
    assert from_env.password.read() == "hush"


def test_files_of_a_history_are_beside_the_profile(load, tmp_path):
    section = '[clusters.prometheus]\nurl = "http://p"\ntoken = {file = "token"}\nca_file = "ca.pem"\n'
    server = load('[[clusters]]\nname = "c"\n' + section).clusters[0].prometheus
    assert str(server.ca_file) == str(tmp_path / "ca.pem")
    assert str(server.token.file) == str(tmp_path / "token")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "clusters is missing"),
        ("clusters = [", "is not TOML"),
        ("clusters = " + "[" * 100_000, "is not TOML: it is nested deeper"),
        ("admin_timeout_s = " + "1" * 5000, "is not TOML: a number has more than 64 bits"),
        (
            CLUSTER + "[clusters.security]\nprotocol='SASL_SSL'",
            r"clusters\.0\.security: protocol SASL_SSL also needs mechanism, username, password$",
        ),
        (
            "".join(f"x{n} = 1\n" for n in range(500)),
            r"clusters is missing; x0 is unknown.*; and 496 more$",
        ),
        (CLUSTER + "colour = 1", r"clusters\.0\.colour is unknown"),
        ('[[clusters]]\nname = "c"', r"bootstrap_servers is missing"),
        (CLUSTER.replace('"c"', '"a/b"'), r"clusters\.0\.name"),
        (CLUSTER * 2, "name each cluster once"),
        (CLUSTER + 'role = "both"', r"clusters\.0\.role"),
        (CLUSTER + 'endpoints = [{url = "ftp://x"}]', r"clusters\.0\.endpoints\.0\.url"),
        (CLUSTER + 'endpoints = [{url = "http://h/"}, {url = "http://h/"}]', "listed twice"),
        (CLUSTER + "[clusters.security]\n" + SASL, "also needs password"),
        (CLUSTER + '[clusters.security]\nusername = "ann"', "takes no mechanism"),
        (CLUSTER + '[clusters.security]\nprotocol = "SSL"\ncert_file = "c"', "belong together"),
        (CLUSTER + '[clusters.security]\nkey_password = {env = "A", file = "b"}', "exactly one of"),
        (CLUSTER + "[clusters.client_options]\n'ssl.key.password' = 'hush'", "holds a secret"),
        (CLUSTER + '[clusters.prometheus]\nurl = "http://p"\nbroker_pattern = "x"', "has 0 groups"),
        (CLUSTER + '[clusters.prometheus]\nmatch = "{}"', r"prometheus\.url is missing"),
        ("admin_timeout_s = 0\n" + CLUSTER, "admin_timeout_s"),
    ],
)
def test_what_is_wrong_is_one_line_that_says_where(load, text, said):
    with pytest.raises(ProfileError, match=said) as caught:
        load(text)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_password_in_the_profile_is_refused_and_not_repeated(load):
    with pytest.raises(ProfileError) as caught:
        load(CLUSTER + "[clusters.security]\n" + SASL + 'password = "hush"')
    assert "hush" not in str(caught.value)


def test_a_profile_that_cannot_be_read(tmp_path):
    (tmp_path / "p.toml").write_bytes(b"\xff")
    with pytest.raises(ProfileError, match="not UTF-8"):
        load_profile(tmp_path / "p.toml")
    with pytest.raises(ProfileError, match="cannot be read"):
        load_profile(tmp_path)


def with_dialect(word: str) -> str:
    return f'{CLUSTER}endpoints = [{{url = "http://h/metrics", dialect = "{word}"}}]\n'


def test_an_endpoint_may_name_its_dialect(load):
    assert load(with_dialect("stock")).clusters[0].endpoints[0].dialect == "stock"


def test_a_file_of_the_user_s_own_dialect_is_beside_the_profile(load, tmp_path):
    text = 'name = "ours"\ntitle = "Ours"\nkind = "exporter"\nsource = "a test"\n'
    text += '[[families]]\nmetrics = { our_lag = "" }\ngroup = "g"\nto = "group_lag_records"\n'
    (tmp_path / "ours.toml").write_text(text, encoding="utf-8")
    found = load(with_dialect("ours.toml")).clusters[0].endpoints[0].dialect
    assert found == str(tmp_path / "ours.toml")
    (tmp_path / "ours.toml").write_text(text.replace("group_lag_records", "group_lag"), encoding="utf-8")
    with pytest.raises(
        ProfileError, match=r"unknown metric in dialect file .*did you mean 'group_lag_"
    ) as caught:
        load(with_dialect("ours.toml"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stok", "unknown dialect 'stok'; did you mean 'stock'"),
        ("none.toml", "cannot be read: No such file"),
        ("", "at least 1 character"),
    ],
)
def test_a_dialect_that_is_not_there_is_told(load, word, said):
    with pytest.raises(ProfileError, match=said):
        load(with_dialect(word))
