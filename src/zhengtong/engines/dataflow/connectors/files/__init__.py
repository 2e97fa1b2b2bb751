"""Files as people send them: delimited text in any encoding they use here, and workbooks (xlsx, xls, ods)."""
