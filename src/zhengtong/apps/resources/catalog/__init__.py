"""The catalog of information resources 信息资源目录 (发改高技〔2017〕1272号, GB/T 21063)."""
