"""ChatApp's ws-server: every live connection, one process, one asyncio loop."""
