"""Settings, command line and demo: the only place that may see everything."""
