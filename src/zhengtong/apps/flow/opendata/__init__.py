"""Opening data 数据开放: the decision with its gates, datasets with versions, and the public portal."""
