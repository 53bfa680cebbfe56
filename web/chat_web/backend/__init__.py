"""The prototype's backend endpoints, a module each, under its names."""
