"""The words and rules everything else stands on. Standard library only."""
