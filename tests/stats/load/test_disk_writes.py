from __future__ import annotations

from kafka_analysis.stats.load.disk_writes import disk_writes

RATES = {
    "cluster": ["c"] * 6 + ["d", "d"],
    "broker": [1, 1, 1, 2, 2, 2, 1, 1],
    "entity": ["nvme0n1", "nvme1n1", "dm-0", "md127", "md127", "dm-1", "sda", None],
    "window_start": [0, 0, 0, 0, 60, 60, 60, 0],
    "rate_per_s": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, None, 80.0],
}


def test_disks_are_added_up_and_volumes_upon_them_are_not(frame, rows):
    told = disk_writes(frame(RATES))
    assert rows(told, "cluster", "window_start", "bytes_written_per_s", "brokers") == [
        ("c", 0, 70.0, 2),  # 10 + 20 of broker 1, whose dm-0 lies on them; md127 of broker 2 is all it tells
        ("c", 60, 110.0, 1),
        ("d", 0, 80.0, 1),  # a device without a name
    ]
