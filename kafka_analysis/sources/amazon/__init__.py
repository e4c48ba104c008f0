"""Amazon MSK and CloudWatch."""
