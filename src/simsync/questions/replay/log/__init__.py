"""Production logs as records, read as a stream."""
