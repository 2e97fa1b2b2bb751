"""What tests ask a running gateway."""

from __future__ import annotations

from zhengtong.project.demo.caller import CallingSystem


def resource_code(client: CallingSystem, *, name: str = "行政区划代码", what: str = "code") -> str:
    """The code (or the grant's number) under which a resource is granted, as the gateway lists it."""
    listed = client._call("GET", "/v1/resources", b"").body
    return str(next(one[what] for one in listed["resources"] if one["name"] == name))
