"""Tests of accounts, sign-in, sessions and tokens."""
