from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from kafka_analysis.model.errors import ProfileError
from kafka_analysis.model.profile import ClusterProfile
from kafka_analysis.sources.kafka.client import connect
from kafka_analysis.sources.kafka.security_files import problem_of_files
from testbed.certificates import authority, issue, write_pem


@pytest.fixture
def pem(tmp_path):
    signer = authority()
    return write_pem(issue(signer, "alice"), signer, tmp_path, "alice")


def cluster(pem, **more):
    security = {
        "protocol": "SSL",
        "ca_file": pem.ca,
        "cert_file": pem.certificate,
        "key_file": pem.key,
        **more,
    }
    return ClusterProfile(name="c", bootstrap_servers="b:1", security=security)


def test_files_that_fit_have_no_problem(pem):
    assert problem_of_files(cluster(pem)) is None
    assert problem_of_files(ClusterProfile(name="c", bootstrap_servers="b:1")) is None


@pytest.mark.parametrize("entry", ["ca_file", "cert_file", "key_file"])
@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read (No such file or directory)"), ("nothing", "in PEM"), ("", "in PEM")],
)
def test_the_entry_whose_file_is_wrong_is_named(pem, tmp_path, entry, text, said):
    file = tmp_path / "hunter2"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ProfileError) as refused:
        connect(cluster(pem, **{entry: file}))
    message = str(refused.value)
    assert message.startswith(f"cluster c: security.{entry} ")
    assert said in message
    assert "hunter2" not in message


def test_a_key_that_does_not_fit(pem, tmp_path):
    other = write_pem(issue(authority(), "bob"), authority(), tmp_path / "other", "bob")
    with pytest.raises(ProfileError, match=r"security\.key_file does not match security\.cert_file"):
        connect(cluster(pem, key_file=other.key))


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_key_that_is_encrypted(tmp_path, monkeypatch, password):
    signer = authority()
    own = issue(signer, "alice")
    pem = write_pem(own, signer, tmp_path, "alice")
    encryption = BestAvailableEncryption(b"right one")
    pem.key.write_bytes(own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    monkeypatch.setenv("KA_KEY_PW", password or "")
    more = {} if password is None else {"key_password": {"env": "KA_KEY_PW"}}
    said = "is encrypted; give security.key_password" if password is None else "key_password does not decrypt"
    assert said in problem_of_files(cluster(pem, **more))
    monkeypatch.setenv("KA_KEY_PW", "right one")
    assert problem_of_files(cluster(pem, key_password={"env": "KA_KEY_PW"})) is None


@pytest.mark.parametrize("entry", ["ca_file", "cert_file", "key_file"])
def test_files_that_only_look_right(pem, tmp_path, entry):
    kind = "PRIVATE KEY" if entry == "key_file" else "CERTIFICATE"
    file = tmp_path / "broken"
    file.write_text(f"-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n")
    with pytest.raises(
        ProfileError,
        match=rf"security\.{entry}.* cannot be used; name" if entry == "ca_file" else "cannot be used; name",
    ):
        connect(cluster(pem, **{entry: file}))
