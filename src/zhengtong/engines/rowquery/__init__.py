"""
Questions about the rows of one published table: read, checked, compiled to SQL with bound values.

The path of a question is ``reading`` (text to a ``question``), ``permitted`` (what an index must carry), ``statements`` (SQL and values),
``answers`` (what came back). Nothing here opens a connection, so one engine serves asyncpg in the gateway and psycopg in Django.

Injection is impossible by construction: identifiers come from the table's description, checked when it is read, and a name in a request is
only ever looked up in it; every value is bound as text and cast by the server to the column's type.
"""
