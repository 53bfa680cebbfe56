"""The product as people get it: three containers."""
