"""What tests of every kind share: people, HTTP and WebSocket clients, each with a deadline on every wait."""
