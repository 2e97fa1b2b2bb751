"""``python -m zhengtong.project.clients write|check``: write the clients, or fail when the committed ones are not what would be written."""

from __future__ import annotations

import sys

from zhengtong.project import clients

if __name__ == "__main__":
    if sys.argv[1:] == ["write"]:
        clients.write()
    elif differing := clients.differing():
        print(f"{', '.join(differing)}: run python -m zhengtong.project.clients write")
        sys.exit(1)
