"""A secured broker of Kafka's own, asked wrongly in every way: what is said, and within ten seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kafka_analysis.capture.read import read_capture
from kafka_analysis.cli import app
from kafka_analysis.live.checks.doctor import Status, check_profile
from kafka_analysis.live.record.collect import record_capture
from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile, Profile
from testbed import processes
from testbed.certificates import Identity, authority, issue, write_pem
from testbed.secured import Secured, password_variable, running_secured

pytestmark = [pytest.mark.testbed, pytest.mark.timeout(300)]
WITHIN_S = 10.0
USER = "alice"
WRONG = "KA_TEST_WRONG_PASSWORD"


@pytest.fixture(scope="module")
def cluster(tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    tool("java", hint="a JDK 17 or newer")
    tool("mvn", hint="Maven fetches the brokers' jars")
    run_dir = tmp_path_factory.mktemp("secured") / "run"
    with (
        running_secured(run_dir, users=(USER,), count=1, plain=True) as found,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv(password_variable(USER), found.passwords[USER])
        patch.setenv(WRONG, "hunter2-hunter2")
        yield found
    assert processes.running(run_dir) == []


@pytest.fixture
def scram(cluster: Secured):
    """Return a function that makes the profile of the listener that asks for a password, with changes."""

    def made(*without: str, **changes: object) -> dict[str, object]:
        return changed(cluster.profile(USER, "scram"), without, changes)

    return made


@pytest.fixture
def mtls(cluster: Secured):
    """Return a function that makes the profile of the listener that asks for a certificate, with changes."""

    def made(*without: str, **changes: object) -> dict[str, object]:
        return changed(cluster.profile(USER, "mtls"), without, changes)

    return made


def changed(profile: dict, without: tuple[str, ...], changes: dict[str, object]) -> dict[str, object]:
    servers = changes.pop("bootstrap_servers", profile["bootstrap_servers"])
    kept = {name: value for name, value in profile["security"].items() if name not in without}
    return profile | {"bootstrap_servers": servers, "security": kept | changes}


def said(profile: dict[str, object]) -> str:
    """Return what the doctor says of a cluster that is asked wrongly; it may take ten seconds."""
    began = time.monotonic()
    check = check_profile(Profile.model_validate({"clusters": [profile]}))[0]
    took = time.monotonic() - began
    text = f"{check.found} -> {check.mend}"
    print(f"{took:5.2f} s  {text}")  # noqa: T201 (the record of what was said: pytest -s)
    assert check.status is Status.MISSING
    assert took < WITHIN_S
    assert "hunter2" not in text
    assert "\n" not in text
    return text


def test_whoever_asks_rightly_is_answered(scram, mtls) -> None:
    for profile in (scram(), mtls()):
        check = check_profile(Profile.model_validate({"clusters": [profile]}))[0]
        assert (check.status, check.found) == (Status.OK, "1 broker")


@pytest.mark.parametrize("user", [USER, "nobody-of-this-name"])
def test_a_wrong_password_and_an_unknown_user_are_one_message(scram, user: str) -> None:
    text = said(scram(username=user, password={"env": WRONG}))
    assert "rejects the SCRAM-SHA-512 login: wrong password or unknown user" in text
    assert "correct security.username or security.password" in text


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN"])
def test_a_wrong_mechanism_names_those_that_are_offered(scram, mechanism: str) -> None:
    text = said(scram(mechanism=mechanism))
    assert f"does not offer the mechanism {mechanism}; it offers SCRAM-SHA-512" in text
    assert "set security.mechanism" in text


def test_no_login_where_one_is_wanted(scram) -> None:
    text = said(scram("mechanism", "username", "password", protocol="SSL"))
    assert "requires a SASL login (it offers SCRAM-SHA-512)" in text
    assert 'set security.protocol = "SASL_SSL", security.mechanism' in text


def test_a_login_where_none_is_wanted(cluster: Secured, scram, mtls) -> None:
    own = mtls()["security"]
    text = said(scram(bootstrap_servers=cluster.mtls, cert_file=own["cert_file"], key_file=own["key_file"]))
    assert "does not use SASL" in text
    assert 'set security.protocol = "SSL" and remove mechanism' in text
    text = said(scram("ca_file", bootstrap_servers=plain(cluster), protocol="SASL_PLAINTEXT"))
    assert "does not use SASL" in text
    assert 'set security.protocol = "PLAINTEXT"' in text


def plain(cluster: Secured) -> str:
    return ",".join(f"{node.host}:{node.plain_port}" for node in cluster.nodes)


def test_no_tls_where_it_is_wanted(cluster: Secured, scram) -> None:
    text = said({"name": "c", "bootstrap_servers": cluster.scram})
    assert 'uses TLS, but security.protocol = "PLAINTEXT" does not' in text
    assert 'set security.protocol = "SASL_SSL"' in text
    assert 'set security.protocol = "SASL_SSL"' in said(scram("ca_file", protocol="SASL_PLAINTEXT"))
    text = said({"name": "c", "bootstrap_servers": cluster.mtls})
    assert 'set security.protocol = "SSL" or "SASL_SSL"' in text


def test_tls_where_there_is_none(cluster: Secured, mtls) -> None:
    text = said(mtls(bootstrap_servers=plain(cluster)))
    assert 'does not use TLS, but security.protocol = "SSL" does' in text
    assert 'set security.protocol = "PLAINTEXT"' in text


def test_an_authority_that_is_not_known_or_not_given(scram, tmp_path: Path) -> None:
    other = authority("other")
    foreign = write_pem(issue(other, USER), other, tmp_path, USER)
    text = said(scram(ca_file=str(foreign.ca)))
    assert "an authority (CN=authority,O=testbed) that is not in security.ca_file" in text
    assert "give security.ca_file" in said(scram("ca_file"))


def test_no_certificate_of_the_client(mtls) -> None:
    text = said(mtls("cert_file", "key_file"))
    assert "requires a client certificate (mutual TLS), but none is given" in text
    assert "give security.cert_file and security.key_file" in text


def files_of(identity: Identity, folder: Path) -> dict[str, str]:
    pem = write_pem(identity, identity, folder, USER)
    return {"cert_file": str(pem.certificate), "key_file": str(pem.key)}


def test_a_foreign_certificate_of_the_client(mtls, tmp_path: Path) -> None:
    text = said(mtls(**files_of(issue(authority("other"), USER), tmp_path)))
    assert "does not accept the client's certificate (signed by CN=other,O=testbed)" in text


def test_a_client_s_certificate_that_expired(cluster: Secured, mtls, tmp_path: Path) -> None:
    text = said(mtls(**files_of(issue(cluster.signer, USER, days=-1), tmp_path)))
    assert "the client certificate (security.cert_file) expired on " in text


def test_a_key_that_does_not_fit(cluster: Secured, mtls, tmp_path: Path) -> None:
    other = files_of(issue(cluster.signer, USER), tmp_path)
    text = said(mtls(key_file=other["key_file"]))
    assert "security.key_file does not match security.cert_file" in text


def test_a_file_of_the_password_that_is_not_there(scram, tmp_path: Path) -> None:
    text = said(scram(password={"file": str(tmp_path / "gone")}))
    assert text.startswith("security.password: the secret file, whose name is not shown, cannot be read")
    wrong = ClusterProfile.model_validate(scram(password={"file": str(tmp_path / "gone")}))
    with pytest.raises(ProfileError, match=r"security\.password: the secret file"):
        record_capture(Profile(clusters=(wrong,)), tmp_path / "out", duration_s=1, interval_s=1)


def test_in_a_recording_of_several_clusters_one_that_fails_is_a_gap_with_the_reason(
    scram, mtls, tmp_path: Path
) -> None:
    wrong = scram(password={"env": WRONG}) | {"name": "wrong"}
    profile = Profile.model_validate({"clusters": [mtls(), wrong]})
    capture = read_capture(record_capture(profile, tmp_path / "out", duration_s=1, interval_s=1))
    reasons = set(capture.gaps.filter(cluster="wrong")["reason"])
    assert reasons
    assert all("rejects the SCRAM-SHA-512 login" in reason for reason in reasons)
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert b"hunter2" not in written


def test_the_command_line_ends_with_2_and_one_line(cluster: Secured, tmp_path: Path) -> None:
    profile = tmp_path / "kafka-analysis.toml"
    servers = plain(cluster)
    profile.write_text(
        f'[[clusters]]\nname = "c"\nbootstrap_servers = "{servers}"\nsecurity = {{ protocol = "SSL" }}\n'
    )
    command = ["capture", "--profile", str(profile), "--out", str(tmp_path / "o"), "--duration", "1s"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "does not use TLS" in done.stderr
    assert not (tmp_path / "o").exists()
