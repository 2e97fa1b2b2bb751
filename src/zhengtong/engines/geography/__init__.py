"""Outlines of regions: read, checked, thinned out for drawing, asked what lies in them. Degrees throughout, longitude first."""
