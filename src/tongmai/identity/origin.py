"""Where a request comes from, as throttling and the lists of sessions know it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address | ipaddress.IPv6Interface

_LONGEST_AGENT = 300
# One household or office commonly has a /64: counted as one place, or an attacker would have 2^64 of them.
_IPV6_PLACE = 64


@dataclass(frozen=True, slots=True)
class Origin:
    """``ip`` as text (what is not an address counts as unknown); ``agent`` is the User-Agent header."""

    ip: str | None = None
    agent: str | None = None

    def address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            found = ipaddress.ip_address(self.ip or "")
        except ValueError:
            return None
        mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
        return mapped or found

    def place(self) -> Address | None:
        """The address by which attempts are counted: an IPv6 network of 64 bits is one place."""
        found = self.address()
        if isinstance(found, ipaddress.IPv6Address):
            network = ipaddress.ip_network((int(found), _IPV6_PLACE), strict=False)
            return ipaddress.IPv6Interface((int(network.network_address), _IPV6_PLACE))
        return found

    def shown_agent(self) -> str | None:
        return None if self.agent is None else "".join(filter(str.isprintable, self.agent))[:_LONGEST_AGENT]
