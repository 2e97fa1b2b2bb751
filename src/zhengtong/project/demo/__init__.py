"""
A city to show and to test with: offices, people, companies and eight departments' tables that agree with each other, and are dirty in
places, as real ones are. Everything is a pure function of a seed; nobody in it exists.
"""
