"""Writes of filing, one transaction each; sources are asked outside of any."""
