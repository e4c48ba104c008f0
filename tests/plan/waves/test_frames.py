from __future__ import annotations

from kafka_analysis.plan.waves.frames import source_wave_files, wave_frames, wave_notes
from tests.plan.waves.test_clusters import planned


def test_frames_and_files_name_the_source():
    both = planned()
    frames = wave_frames(both)
    assert frames["topic_waves"].columns == ["cluster", "topic", "cell", "wave"]
    assert frames["waves"]["cluster"].unique().to_list() == ["m"]
    assert list(source_wave_files(both)) == ["m"]
    assert wave_notes(both)[0].startswith("Topics with unknown replication factor")
