"""What an outage takes along: predicted, and measured."""
