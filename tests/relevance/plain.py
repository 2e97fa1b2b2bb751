"""The baseline: BM25 over words, every field in one, nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import rjieba
import tantivy

from relevance.measuring import DEPTH, Entry


class PlainBm25:
    """Any word of the question may match; Okapi BM25 (k1 1.2, b 0.75) decides the order."""

    def __init__(self, corpus: Sequence[Entry]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("id", fast=True)
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        self.schema = builder.build()
        index = tantivy.Index(self.schema)
        writer = index.writer(16 * 2**20, 1)
        for entry in corpus:
            text = " ".join((entry.code, entry.name, entry.summary, entry.offices, *entry.items))
            writer.add_document(tantivy.Document.from_dict({"id": entry.id, "text": [" ".join(self._words(text))]}, self.schema))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self.searcher = index.searcher()

    @staticmethod
    def _words(text: str) -> list[str]:
        return [word for word in rjieba.cut_for_search(text.lower()) if word.strip()]

    def search(self, text: str) -> list[int]:
        """Ids of the best entries."""
        words = [
            (tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "text", word, "freq")) for word in dict.fromkeys(self._words(text))
        ]
        if not words:
            return []
        hits = self.searcher.search(tantivy.Query.boolean_query(words), DEPTH).hits
        return [int(one) for one in self.searcher.fast_field_values("id", [address for _score, address in hits]) if one is not None]
