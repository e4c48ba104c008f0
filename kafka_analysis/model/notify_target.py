"""Who is told of a report, in the profile: a webhook, a channel of Slack's, or people by mail."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from kafka_analysis.model.secret_ref import FileName, SecretRef, Strict

Kind = Literal["webhook", "slack", "mail"]
MailAddress = Annotated[str, Field(pattern=r"^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$")]
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_OF_HTTP = ("url", "token")
_OF_MAIL = ("host", "port", "sender", "to", "username", "password")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class NotifyTarget(Strict):
    """One target: ``[notify.NAME]`` in the profile.

    ``webhook`` and ``slack`` have a ``url``, which is a secret: the name of a variable or of a file that holds it; and
    ``token``, sent as ``Authorization: Bearer``, where the server wants it. ``mail`` has ``host``, ``from``, ``to``;
    ``tls`` says how the connection is protected, and a password goes over a protected one only.
    """

    kind: Kind
    url: SecretRef | None = None
    token: SecretRef | None = None
    ca_file: FileName | None = None
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,253}$")] | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    sender: MailAddress | None = Field(default=None, alias="from")
    to: Annotated[tuple[MailAddress, ...], BeforeValidator(_listed), Field(max_length=50)] = ()
    username: str | None = None
    password: SecretRef | None = None
    tls: Literal["starttls", "tls", "none"] = "starttls"

    @property
    def smtp_port(self) -> int:
        """Return the port of the mail server: the one given, else the usual one.

        Examples
        --------
        >>> NotifyTarget(kind="mail", host="h", to="a@b", **{"from": "c@d"}).smtp_port
        587
        """
        return self.port or _PORTS[self.tls]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        is_mail = self.kind == "mail"
        needed, foreign = (("host", "from", "to"), _OF_HTTP) if is_mail else (("url",), _OF_MAIL)
        lacking = [name for name in needed if not getattr(self, "sender" if name == "from" else name)]
        if lacking:
            raise ValueError(f"kind {self.kind} also needs {', '.join(lacking)}")
        strange = ["from" if name == "sender" else name for name in foreign if getattr(self, name)]
        if strange:
            raise ValueError(f"kind {self.kind} takes no {', '.join(strange)}; drop them")
        return self

    @model_validator(mode="after")
    def _login(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together; give both or neither")
        if self.password is not None and self.tls == "none":
            raise ValueError(
                'a password goes over a protected connection only; set tls = "starttls" or "tls"'
            )
        return self
