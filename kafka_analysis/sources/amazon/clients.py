"""Make AWS clients from what a profile names; credentials are found by AWS's own chain and never pass through here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kafka_analysis.model.errors import ProfileError, SourceError

if TYPE_CHECKING:
    from botocore.client import BaseClient

MISSING = "boto3 is not installed; pip install 'kafka-analysis[aws]'"
_DENIED = ("AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedOperation")
# Texts of these errors name a place or a setting. Others may hold what credentials or a signature were made of.
_TOLD = (
    "NoCredentialsError",
    "NoRegionError",
    "ProfileNotFound",
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
)


def aws_client(service: str, *, region: str | None, aws_profile: str | None = None) -> BaseClient:
    """Make a client of an AWS service; it connects when it is first used.

    Parameters
    ----------
    service
        As boto3 names it: cloudwatch, kafka.
    region
        Name of the region; None = that of AWS's own configuration.
    aws_profile
        Name of a profile of AWS's own configuration; None = the default chain of credentials.

    Raises
    ------
    ProfileError
        When boto3 is not installed, or there is no such profile or no region.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        raise ProfileError(MISSING) from None
    settings = Config(
        retries={"mode": "standard", "max_attempts": 6},
        connect_timeout=10,
        read_timeout=60,
        parameter_validation=True,
    )
    try:
        session = boto3.Session(profile_name=aws_profile, region_name=region)
        return session.client(service, config=settings)
    except BotoCoreError as error:
        message = f"AWS {service}: {reason(error, service=service)}; give a region and a profile that exist"
        raise ProfileError(message) from None


def aws_errors() -> tuple[type[Exception], ...]:
    """Return the errors that a call of an AWS client raises."""
    from botocore.exceptions import BotoCoreError, ClientError

    return (BotoCoreError, ClientError)


def reason(error: Exception, *, service: str) -> str:
    """Return an error of an AWS client as one line without what may be secret: account, signature, token."""
    answer: dict[str, Any] | None = getattr(error, "response", None)
    if not isinstance(answer, dict):
        kind = type(error).__name__
        return f"{kind}: {str(error).splitlines()[0][:200]}" if kind in _TOLD else kind
    code = str(answer.get("Error", {}).get("Code", "unknown error"))[:80]
    action = f"{service}:{getattr(error, 'operation_name', 'the call')}"
    mend = f"; allow {action} to these credentials" if code in _DENIED else ""
    return f"{code} from {action}{mend}"


def source_error(error: Exception, *, service: str) -> SourceError:
    """Return an error of an AWS client as one that a recording makes a gap of."""
    return SourceError(reason(error, service=service))
