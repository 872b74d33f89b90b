"""Stand-ins for the systems outside: they speak their vendor's published protocol, so that all can be tried without an
account.

Invariant: a simulator shares no code with the source that speaks to it; each would else repeat the other's mistakes.
"""
