"""A conversation as files that somebody takes along."""
