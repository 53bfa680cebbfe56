"""Tests of ChatApp. Each is a sentence about behaviour, on the real thing."""
