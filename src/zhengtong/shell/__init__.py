"""Pages that compose several apps: home, workbench, navigation, dashboards."""
