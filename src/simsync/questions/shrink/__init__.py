"""`simsync shrink`: a failing scenario, as small as it can be and fail the same way."""
