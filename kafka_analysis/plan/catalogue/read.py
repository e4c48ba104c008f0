"""Read the catalogue that comes with the package, with rows of the user's own on top."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from kafka_analysis.model.errors import InputError
from kafka_analysis.plan.catalogue.tables import TABLES, parse, table_of

_FAMILIES = {"msk_standard": "standard", "msk_express": "express", "msk_serverless": "serverless"}


@dataclass(frozen=True)
class Catalogue:
    """What sizing reckons with, as frames; each row tells its ``source``, ``date`` and ``evidence``.

    ``brokers``: MSK's broker types, ``family`` standard, express or serverless; a column that a family has not is null.
    ``hosts``: usual self-managed hosts. ``prices``: ``item``, ``usd``, ``unit``. ``quotas``: ``quota``, ``name`` as AWS
    writes it, ``value``, ``unit``, ``adjustable``.
    """

    brokers: pl.DataFrame
    hosts: pl.DataFrame
    prices: pl.DataFrame
    quotas: pl.DataFrame


def read_catalogue(overrides: str | Path | None = None) -> Catalogue:
    """Read the catalogue, with rows of the user's own in place of the package's or added to them.

    Parameters
    ----------
    overrides
        A CSV file, or a folder of them, with the columns of the package's tables (``msk_standard.csv``,
        ``msk_express.csv``, ``msk_serverless.csv``, ``self_managed.csv``, ``prices.csv``, ``quotas.csv``). A row with
        the name of one that is there replaces it; another is added.

    Returns
    -------
    Catalogue
        List prices in USD, us-east-1, of the date in each row; ``evidence`` is ``unverified`` where a value was not
        found in AWS's own documents.

    Raises
    ------
    InputError
        A file cannot be read, or a column or value is wrong; the line is named.

    Examples
    --------
    >>> read_catalogue().brokers.filter(broker_type="kafka.m5.large")["ebs_mib_per_s"].to_list()
    [81.0]
    """
    tables = {name: _own(name) for name in TABLES}
    for path in _files(overrides):
        name, rows = _given(path)
        key = TABLES[name].key
        tables[name] = pl.concat([tables[name].join(rows, on=key, how="anti", maintain_order="left"), rows])
    families = [
        tables[name].select("broker_type", pl.lit(family).alias("family"), pl.exclude("broker_type"))
        for name, family in _FAMILIES.items()
    ]
    return Catalogue(
        brokers=pl.concat(families, how="diagonal"),
        hosts=tables["self_managed"],
        prices=tables["prices"],
        quotas=tables["quotas"],
    )


def price_of(catalogue: Catalogue, item: str) -> float:
    """Return what one unit of an item costs, USD.

    Raises
    ------
    InputError
        The catalogue has no such item.

    Examples
    --------
    >>> price_of(read_catalogue(), "ebs_storage")
    0.1
    """
    return _value(catalogue.prices, "item", item, "usd")


def quota_of(catalogue: Catalogue, quota: str) -> float:
    """Return the value of a quota, in its unit.

    Raises
    ------
    InputError
        The catalogue has no such quota.

    Examples
    --------
    >>> quota_of(read_catalogue(), "brokers_per_account")
    90.0
    """
    return _value(catalogue.quotas, "quota", quota, "value")


def _value(frame: pl.DataFrame, key: str, name: str, column: str) -> float:
    rows = frame.filter(pl.col(key) == name)[column]
    if not len(rows):
        raise InputError.unknown(key, name, frame[key])
    return float(rows[0])


def _own(name: str) -> pl.DataFrame:
    text = (files("kafka_analysis.plan.catalogue") / f"{name}.csv").read_text(encoding="utf-8")
    return parse(text, table=name, where=f"{name}.csv")


def _files(overrides: str | Path | None) -> list[Path]:
    if overrides is None:
        return []
    path = Path(overrides)
    if not path.is_dir():
        return [path]
    tables = sorted(path.glob("*.csv"))
    if not tables:
        message = f"{path} contains no CSV files; give one or more of {', '.join(f'{n}.csv' for n in TABLES)}"
        raise InputError(message)
    return tables


def _given(path: Path) -> tuple[str, pl.DataFrame]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}; give a CSV file or a folder of them"
        raise InputError(message) from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; save it as CSV in UTF-8") from None
    heading = [name.strip() for name in text.partition("\n")[0].split(",")]
    name = table_of(heading, stem=path.stem, where=path.name)
    return name, parse(text, table=name, where=path.name)
