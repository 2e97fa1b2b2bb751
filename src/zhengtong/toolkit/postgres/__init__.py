"""PostgreSQL: where it is, and a real server of our own where nobody names one."""
