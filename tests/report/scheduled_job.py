"""Schedule a notebook with jupyter-scheduler, run its job at once and print how it ended; run as a file."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from jupyter_scheduler.environments import CondaEnvironmentManager
from jupyter_scheduler.models import CreateJobDefinition, CreateJobFromDefinition
from jupyter_scheduler.orm import create_tables
from jupyter_scheduler.scheduler import Scheduler

PATIENCE_S = 240


def main(folder: str, notebook: str, schedule: str, time_zone: str, config: str) -> None:
    database = f"sqlite:///{Path(folder, 'scheduler.sqlite')}"
    create_tables(database)
    scheduler = Scheduler(root_dir=folder, environments_manager=CondaEnvironmentManager(), db_url=database)
    defined = scheduler.create_job_definition(
        CreateJobDefinition(
            input_uri=notebook,
            runtime_environment_name="python",
            name="report",
            output_formats=["ipynb"],
            parameters={"config": config},
            schedule=schedule,
            timezone=time_zone,
        )
    )
    job = scheduler.create_job_from_definition(
        defined, CreateJobFromDefinition(parameters={"config": config})
    )
    end = time.monotonic() + PATIENCE_S
    while (state := scheduler.get_job(job)).status not in ("COMPLETED", "FAILED"):  # STOPPED before it starts
        if time.monotonic() > end:
            raise TimeoutError(state.status)
        time.sleep(0.2)
    print(state.status.value, state.status_message or "")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
