"""Service items 事项: what government does for people, said so that it explains itself."""
