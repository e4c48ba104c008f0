"""What parts of a profile share: strictness, files beside the profile, and secrets that are only referred to."""

import os
import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ValidationInfo, model_validator

from kafka_analysis.model.errors import ProfileError

_VARIABLE = re.compile(r"[A-Z]+(?:_[A-Z0-9]+)*")


def beside_profile(path: Path, info: ValidationInfo) -> Path:
    """Join a relative file name to the folder of the profile, which is the context of validation."""
    return path if info.context is None else info.context / path.expanduser()


FileName = Annotated[Path, AfterValidator(beside_profile)]


class Strict(BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """A part of a profile: no unknown entries, and no value in an error, which may be a secret."""


class SecretRef(Strict):
    """Where a secret lies: the name of an environment variable, or a file that holds nothing else."""

    env: str | None = None
    file: FileName | None = None

    @model_validator(mode="after")
    def _env_or_file(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError('give exactly one of env = "NAME OF A VARIABLE" and file = "path"')
        return self

    def read(self) -> str:
        """Return the secret; it is read when it is needed and kept nowhere.

        Raises
        ------
        ProfileError
            When the variable is not set or the file cannot be read; the secret itself is never in the message.
        """
        if self.env is not None:
            value = os.environ.get(self.env)
            if value is None:
                raise ProfileError(_not_set(self.env))
            return value
        file = Path(str(self.file)).expanduser()
        try:
            return file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            name = f" {self.file}" if _exists(file) else ", whose name is not shown,"
            msg = f"the secret file{name} cannot be read: {reason}; correct file = … in the profile"
            raise ProfileError(msg) from None


def _not_set(name: str) -> str:
    """Say that a variable is not set; a name that is none may be the secret itself, and is not shown."""
    if _VARIABLE.fullmatch(name):
        return f"environment variable {name} is not set; set it or change the profile"
    return (
        "an environment variable of the profile is not set; its name is not shown, as it may be the secret itself: "
        "give env = the name of a variable, such as KAFKA_PASSWORD"
    )


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):
        return False
