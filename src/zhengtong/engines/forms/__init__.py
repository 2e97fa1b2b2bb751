"""
Forms: what is asked, of whom, in which order, and whether the answers will do.

A form is a JSON Schema document (draft 2020-12) whose properties are the fields; Chinese kinds of field are its formats, and what JSON
Schema has no word for stands in members that begin with ``x-``: pages in order, conditions under which something is asked, where a value
can come from. ``document`` reads and checks one, ``kinds`` knows every kind of field, ``answers`` says what is asked after these answers
and what is wrong with them, ``effort`` what it costs somebody to fill it in.

Everything is a frozen value; nothing here knows a database, a page or a clock.
"""
