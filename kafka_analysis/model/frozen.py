"""What most models share: their values do not change, and a field that is not known is an error."""

from pydantic import BaseModel


class Frozen(BaseModel, frozen=True, extra="forbid"):
    """A model whose values do not change and which takes no field that it does not know."""
