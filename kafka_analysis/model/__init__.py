"""What everything speaks of: schemas, catalogue of metrics, parameters, findings, units, errors."""
