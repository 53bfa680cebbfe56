"""What is done with the frames of an authenticated client: one module for each kind, given only what it uses.

A handler is called with the client and the frame. What it refuses it raises as Refusal; `client.py` makes an answer
of that, and of whatever else goes wrong.
"""
