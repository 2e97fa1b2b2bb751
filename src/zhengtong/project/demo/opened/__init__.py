"""The open datasets of the demo city: declared in text files, made by chance under a seed, opened as offices open theirs."""
