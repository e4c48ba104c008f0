"""Make sure that a client reaches its cluster, or say within seconds why it does not."""

from __future__ import annotations

import time
from concurrent.futures import Future, wait
from functools import partial

from confluent_kafka.admin import AdminClient

from kafka_analysis.model.background import in_background
from kafka_analysis.model.errors import SourceError
from kafka_analysis.sources.http.deadline import Deadline
from kafka_analysis.sources.kafka.admin import KafkaAdmin
from kafka_analysis.sources.kafka.certificates import addresses_of, own_certificate
from kafka_analysis.sources.kafka.client import code_of
from kafka_analysis.sources.kafka.connection_errors import (
    UNCERTAIN,
    ConnectionFailedError,
    Words,
    of_addresses,
    of_authentication,
    of_brokers,
)
from kafka_analysis.sources.kafka.probe import Finding, Probed, probe

PART_OF_TIME = 0.7  # of a question's time: what is left is for the question itself, and for the words
PROBE_AFTER_S = 1.5  # where librdkafka has said nothing by then
REASON_WITHIN_S = 3.0
MOST_PROBED = 5
_LOOK_EVERY_S = 0.05
Probes = dict[tuple[str, int], "Future[Probed]"]


def ensure_contact(admin: AdminClient, timeout_s: float) -> None:
    """Return when a client has reached its cluster; at once where it has before.

    What cannot become better by waiting (a refused login or connection, a certificate, a protocol) ends it early.

    Parameters
    ----------
    admin
        A client of :func:`~kafka_analysis.sources.kafka.client.connect`; any other is let pass.
    timeout_s
        Seconds of the question that follows; seven tenths of them are waited at most.

    Raises
    ------
    ConnectionFailedError
        The cluster is not reached; the error says what happened, and which entry of the profile to change.
    """
    if not isinstance(admin, KafkaAdmin):
        return
    admin.poll(0)  # errors that nobody asks for would be kept for ever
    began, contact = time.monotonic(), admin.contact
    if contact.is_made:
        return
    with contact.trying:
        if contact.is_made:
            return
        if contact.failed_at is None or contact.failed_at < began:
            words = _failure(admin, Deadline.after(PART_OF_TIME * timeout_s))
            contact.failure = None if words is None else (words.what, words.mend)
            contact.failed_at = time.monotonic()
        if contact.failure is not None:
            raise ConnectionFailedError(*contact.failure)
        contact.is_made = True
        admin.heard.forget()


def lost(admin: AdminClient, error: SourceError, timeout_s: float) -> SourceError:
    """Return why a cluster that had answered does not answer any more: what its addresses are now, or the error itself.

    Whoever asks next makes sure of the contact anew.
    """
    if not isinstance(admin, KafkaAdmin) or isinstance(error, ConnectionFailedError):
        return error
    admin.contact.is_made = False
    probes = _begun(admin, Deadline.after(min(timeout_s, REASON_WITHIN_S)))
    wait(probes.values(), timeout=min(timeout_s, REASON_WITHIN_S))
    words = _certain(admin, probes) if all(probe.done() for probe in probes.values()) else None
    return error if words is None else ConnectionFailedError(words.what, words.mend)


def _failure(admin: KafkaAdmin, deadline: Deadline) -> Words | None:
    """Ask the cluster what it is; return why it does not answer, None where it does."""
    answer = admin.describe_cluster(request_timeout=max(deadline.left, 0.1))
    began, probes = time.monotonic(), None
    patience_s = min(PROBE_AFTER_S, deadline.seconds / 4)
    while deadline.left > 0 and not answer.done():
        admin.poll(min(_LOOK_EVERY_S, deadline.left))
        if probes is None and (admin.heard.count or time.monotonic() - began > patience_s):
            probes = _begun(admin, deadline)
        if probes is not None and not answer.done() and all(probe.done() for probe in probes.values()):
            words = _certain(admin, probes)
            if words is not None:
                return words
    if answer.done() and is_answer(answer.exception()):
        return None
    return _at_last(admin, _begun(admin, deadline) if probes is None else probes, deadline)


def is_answer(error: BaseException | None) -> bool:
    """Tell whether what came of a question came of a broker, be it an error: librdkafka's own codes are below 0.

    Examples
    --------
    >>> from confluent_kafka import KafkaError, KafkaException
    >>> codes = (KafkaError.CLUSTER_AUTHORIZATION_FAILED, KafkaError._TIMED_OUT)
    >>> [is_answer(KafkaException(KafkaError(code))) for code in codes], is_answer(None)
    ([True, False], True)
    """
    return error is None or (code_of(error) or 0) > 0


def _begun(admin: KafkaAdmin, deadline: Deadline) -> Probes:
    """Begin to ask the bootstrap servers what they are."""
    addresses = addresses_of(admin.cluster)[:MOST_PROBED]
    return {
        (host, port): in_background(partial(probe, admin.cluster, host, port, deadline))
        for _, host, port in addresses
    }


def _certain(admin: KafkaAdmin, probes: Probes) -> Words | None:
    """Return why the cluster is not reached, where waiting does not help."""
    found = _found(probes)
    if any(each.finding is Finding.FINE for each in found):
        heard = admin.heard.authentication
        return None if heard is None else of_authentication(heard, admin.cluster)
    if not found or any(each.finding in UNCERTAIN for each in found):
        return None
    return of_addresses(found, admin.cluster, own=_own(admin))


def _at_last(admin: KafkaAdmin, probes: Probes, deadline: Deadline) -> Words:
    """Return why the cluster was not reached, now that the time is up."""
    wait(probes.values(), timeout=0.1)
    found = _found(probes)
    late = [place for place, future in probes.items() if not future.done()]
    found += [Probed(*place, Finding.LATE) for place in late]
    words = of_addresses(found, admin.cluster, own=_own(admin))
    if words is not None:
        return words
    heard = admin.heard
    if heard.authentication is not None:
        return of_authentication(heard.authentication, admin.cluster)
    return of_brokers(heard.of_brokers, round(deadline.seconds, 1))


def _found(probes: Probes) -> list[Probed]:
    """Return what the addresses turned out to be, as far as it is known."""
    done = [future for future in probes.values() if future.done()]
    return [future.result() for future in done if future.exception() is None]


def _own(admin: KafkaAdmin) -> dict[str, object]:
    return next(iter(own_certificate(admin.cluster)), {})
