"""Tell others of a report: by a webhook, in Slack, by mail; a failure of that is said and harms nothing."""
