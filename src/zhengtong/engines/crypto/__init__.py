"""
Signatures, digests and sealing, each in an international and a Chinese commercial form (SM2, SM3, SM4).

Threat model. The database, its backups and the network between processes may be read, and rows may be changed, by someone without the keys.
Signed documents and chained blocks make changes visible; sealed secrets stay secret. Not defended: a stolen node key (rotate it), a
compromised process that holds the key in memory.
"""
