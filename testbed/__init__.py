"""A real Kafka migration on one machine: the ground truth of this project, and a place to rehearse one."""
