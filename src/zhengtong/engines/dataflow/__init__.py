"""
Bulk exchange: rows from a source to a PostgreSQL table, checked, counted, restartable.

The tree follows the rows: ``connectors`` read and write systems, ``items`` say what a column must be, ``conversion`` and ``rules`` make and
check values, ``chunks`` cut, ``loading`` writes, ``checkpoints`` remember, ``reconcile`` proves, ``pipeline`` runs, and ``job`` says what.

A caller needs: ``job`` (``Job``, ``Target``, ``Full``, ``Incremental``), ``pipeline.run_job``, ``items.Item``, the classes of ``rules``,
``errors.TransientFailure`` and ``TerminalFailure``, ``ddl`` for tables, ``mapping`` for suggestions; of the connectors
``postgresql.config.Endpoint``, ``postgresql.reader.PostgresSource``, ``postgresql.introspection``, ``files.reader`` and ``files.writer``.
Pulling a source into the hub and pushing granted rows out of it are the same job with other ends.
"""
