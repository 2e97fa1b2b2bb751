"""Who watches: figures over everything below, read through the apps' doors."""
