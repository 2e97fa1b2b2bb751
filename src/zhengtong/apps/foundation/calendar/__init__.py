"""The working-day calendar 工作日历: what the State Council's notices and local orders say, kept by an administrator."""
