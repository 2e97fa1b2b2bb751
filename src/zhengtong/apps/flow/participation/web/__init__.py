"""Pages of participation: the boards for everybody, private pages by receipt, the desk of officials."""
