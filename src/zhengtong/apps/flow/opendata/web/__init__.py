"""Pages of opening data: the public portal and the desk of those who open."""
