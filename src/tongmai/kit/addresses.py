"""Internet addresses as they are reached: an IPv6 address may be nothing but a way to an IPv4 one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")


def reached_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address that a connection to this one ends at: the IPv4 address within a mapped, 6to4, Teredo or NAT64 one.
    None for what is no address."""
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv4Address):
        return found
    inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
    if inner is None and found in _NAT64:
        inner = IPv4Address(int(found) & 0xFFFFFFFF)
    return inner or found
