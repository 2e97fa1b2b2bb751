"""
Cases whose steps several offices take side by side: a process as a table, a token game on it, statutory time over all of it, BPMN in and
out.

``process`` holds the table and the rules it must keep (its choices are told in :mod:`zhengtong.engines.conditions`), ``soundness``
decides that no case can get stuck or leave something open. ``case`` is the state of one case and what can be done to it, ``running`` does
it, ``documents`` keeps it as plain JSON. ``timing`` says who holds a case, until when, and which branch decides the end. ``bpmn`` (with
``layout`` and ``drawing``) gives a process to other programs and to people.

Everything is a frozen value. Nothing here reads a clock, keeps a due date or knows a database: one act in, one new state out.
"""
