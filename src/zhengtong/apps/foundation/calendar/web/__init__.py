"""Pages of the working-day calendar."""
